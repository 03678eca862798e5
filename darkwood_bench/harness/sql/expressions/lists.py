"""Lists, structs and their parts."""

import polars as pl
from sqlglot import exp

from darkwood_bench.harness.sql.code import Code, literal, text_literal
from darkwood_bench.harness.sql.dtypes import common
from darkwood_bench.harness.sql.errors import Untranslatable
from darkwood_bench.harness.sql.expressions.operators import BOOLEAN
from darkwood_bench.harness.sql.nodes import Node
from darkwood_bench.harness.sql.translation import Handler, Translation


def _length(translate: Translation, node: Node) -> Code:
    """Characters of text, entries of a list."""
    code = translate(node.this)
    if isinstance(code.dtype, (pl.List, pl.Array)):
        return code.call("list.len", dtype=pl.UInt32())
    if isinstance(code.dtype, pl.String) or code.dtype is None:
        return code.call("str.len_chars", dtype=pl.UInt32())
    return code.call("cast", "pl.String").call("str.len_chars", dtype=pl.UInt32())


def _contains(translate: Translation, node: Node) -> Code:
    code, item = translate(node.this), translate(node.expression)
    if isinstance(code.dtype, (pl.List, pl.Array)):
        return code.call("list.contains", item.text, dtype=BOOLEAN)
    return code.call("str.contains", item.text, "literal=True", dtype=BOOLEAN)


def _bracket(translate: Translation, node: Node) -> Code:
    """list[1], text[1], text[2:], struct['field']."""
    code, (place,) = translate(node.this), node.expressions
    if isinstance(place, exp.Literal) and place.is_string:
        return field(code, place.name)
    text = not isinstance(code.dtype, (pl.List, pl.Array))
    if isinstance(place, exp.Slice):
        return _slice(translate, code, place, text)
    index = translate(place).value
    if not isinstance(index, int):
        raise Untranslatable("an entry by a number that is not written down is not translated")
    index = index - 1 if index > 0 else index
    if text:
        return code.call("str.slice", str(index), "1", dtype=pl.String())
    return code.call("list.get", str(index), "null_on_oob=True", dtype=_inner(code.dtype))


def _slice(translate: Translation, code: Code, place: exp.Slice, text: bool) -> Code:
    first = 1 if place.this is None else translate(place.this).value
    last = None if place.expression is None else translate(place.expression).value
    if not isinstance(first, int) or not (last is None or isinstance(last, int)) or first < 1:
        raise Untranslatable("a slice between such ends is not translated")
    arguments = [str(first - 1)] + ([] if last is None else [str(last - first + 1)])
    return code.call(f"{'str' if text else 'list'}.slice", *arguments, dtype=code.dtype)


def field(code: Code, name: str) -> Code:
    """A field of a struct, in whatever case it is written."""
    dtype = None
    if isinstance(code.dtype, pl.Struct):
        fields = {each.name.casefold(): each for each in code.dtype.fields}
        found = fields.get(name.casefold())
        if found is None:
            raise Untranslatable(f"no field {name} in {code.text}")
        name = found.name
        dtype = found.dtype if isinstance(found.dtype, pl.DataType) else found.dtype()
    return code.call("struct.field", text_literal(name), dtype=dtype, nullable=True)


def _dot(translate: Translation, node: Node) -> Code:
    return field(translate(node.this), node.expression.name)


def _array(translate: Translation, node: Node) -> Code:
    items = [translate(item) for item in node.expressions]
    if not items:
        return Code("pl.lit([])", pl.List(pl.Null()), nullable=False)
    dtype = common(*(item.dtype for item in items))
    whole = None if dtype is None else pl.List(dtype)
    if all(item.python for item in items):
        texts = ", ".join(item.text for item in items)
        return Code(f"pl.lit([{texts}])", whole, nullable=False)
    return Code(f"pl.concat_list({', '.join(i.argument for i in items)})", whole, nullable=False)


def _joined(translate: Translation, node: Node) -> Code:
    mark = translate(node.expression)
    return translate(node.this).call("list.join", mark.text, dtype=pl.String())


def _sorted(translate: Translation, node: Node) -> Code:
    code = translate(node.this)
    return code.call("list.sort", dtype=code.dtype)


def _inner(dtype: pl.DataType | None) -> pl.DataType | None:
    inner = getattr(dtype, "inner", None)
    return inner if isinstance(inner, pl.DataType) else inner() if inner is not None else None


def _distinct(translate: Translation, node: Node) -> Code:
    code = translate(node.this)
    return code.call("list.drop_nulls").call("list.unique", dtype=code.dtype)


def _series(translate: Translation, node: Node) -> Code:
    """GENERATE_SERIES of days, or of whole numbers; its end is in it."""
    start, end = translate(node.args["start"]), translate(node.args["end"])
    step = node.args.get("step")
    if isinstance(start.dtype, pl.Date):
        unit = "1d"
        if isinstance(step, exp.Interval):
            from darkwood_bench.harness.sql.expressions.spans import interval

            ((amount, word),) = interval(step)
            short = {"day": "d", "week": "w", "month": "mo", "year": "y"}
            if word not in short:
                raise Untranslatable(f"GENERATE_SERIES by {word} is not translated")
            unit = f"{amount}{short[word]}"
        extra = "" if unit == "1d" else f', interval="{unit}"'
        text = f"pl.date_ranges({start.argument}, {end.argument}{extra})"
        return Code(text, pl.List(pl.Date()))
    if step is not None:
        raise Untranslatable("GENERATE_SERIES with such a step is not translated")
    stop = literal(end.value + 1).text if isinstance(end.value, int) else f"{end.text} + 1"
    return Code(f"pl.int_ranges({start.text}, {stop})", pl.List(pl.Int64()))


def _apart(translate: Translation, node: Node) -> Code:
    """UNNEST in a select list: the list, which is taken apart once it is selected."""
    return translate(node.this)


HANDLERS: dict[type[Node], Handler] = {
    exp.Length: _length,
    exp.ArraySize: _length,
    exp.ArrayContains: _contains,
    exp.Contains: _contains,
    exp.Bracket: _bracket,
    exp.Dot: _dot,
    exp.Array: _array,
    exp.ArrayToString: _joined,
    exp.ArraySort: _sorted,
    exp.ArrayDistinct: _distinct,
    exp.GenerateSeries: _series,
    exp.Explode: _apart,
}
