"""Text: patterns, parts, case, and what is put together."""

import re

import polars as pl
from sqlglot import exp

from darkwood_bench.harness.sql.code import Binding, Code, text_literal
from darkwood_bench.harness.sql.dtypes import is_text
from darkwood_bench.harness.sql.errors import Untranslatable
from darkwood_bench.harness.sql.expressions.operators import BOOLEAN, binary, negated
from darkwood_bench.harness.sql.nodes import Node
from darkwood_bench.harness.sql.translation import Handler, Translation

TEXT = pl.String()


def as_text(code: Code) -> Code:
    """A value that takes part in text."""
    if is_text(code.dtype) or (code.python and isinstance(code.value, str)):
        return code
    return code.call("cast", "pl.String", dtype=TEXT)


def _like(translate: Translation, node: Node) -> Code:
    """LIKE by the plainest method that does it."""
    pattern = node.expression
    if isinstance(pattern, exp.Escape) or not isinstance(pattern, exp.Literal):
        raise Untranslatable("LIKE with a pattern that is not written down is not translated")
    code = matches(as_text(translate(node.this)), pattern.name, isinstance(node, exp.ILike))
    return negated(code) if node.args.get("negate") else code


def matches(code: Code, pattern: str, ignore_case: bool) -> Code:
    """Whether text is like a pattern of LIKE."""
    if ignore_case:
        code, pattern = code.call("str.to_lowercase", dtype=TEXT), pattern.lower()
    inner = pattern.strip("%")
    if "%" in inner or "_" in inner:
        regex = "".join({"%": ".*", "_": "."}.get(each, re.escape(each)) for each in pattern)
        return code.call("str.contains", text_literal(f"(?s)^{regex}$"), dtype=BOOLEAN)
    text = text_literal(inner)
    before, after = pattern.startswith("%"), pattern.endswith("%")
    if not inner:
        return code.call("str.contains", '""', "literal=True", dtype=BOOLEAN)
    if before and after:
        return code.call("str.contains", text, "literal=True", dtype=BOOLEAN)
    if before:
        return code.call("str.ends_with", text, dtype=BOOLEAN)
    if after:
        return code.call("str.starts_with", text, dtype=BOOLEAN)
    return Code(
        f"{code.at_least(Binding.OR)} == {text}", BOOLEAN, Binding.COMPARISON, code.nullable
    )


def _regex(translate: Translation, node: Node) -> Code:
    code, pattern = as_text(translate(node.this)), translate(node.expression)
    return code.call("str.contains", pattern.text, dtype=BOOLEAN)


def _regex_like(translate: Translation, node: Node) -> Code:
    code, pattern = as_text(translate(node.this)), translate(node.expression)
    if node.args.get("full_match") and isinstance(pattern.value, str):
        return code.call("str.contains", text_literal(f"^(?:{pattern.value})$"), dtype=BOOLEAN)
    return code.call("str.contains", pattern.text, dtype=BOOLEAN)


def _similar(translate: Translation, node: Node) -> Code:
    code, pattern = as_text(translate(node.this)), translate(node.expression)
    if not isinstance(pattern.value, str):
        raise Untranslatable("SIMILAR TO with a pattern that is not written down")
    return code.call("str.contains", text_literal(f"^(?:{pattern.value})$"), dtype=BOOLEAN)


def _joined(translate: Translation, node: Node) -> Code:
    """`||`, null where a part is."""
    left, right = as_text(translate(node.this)), as_text(translate(node.expression))
    return binary(left, "+", right, TEXT)


def _concat(translate: Translation, node: Node) -> Code:
    """CONCAT leaves nulls out."""
    parts = [as_text(translate(part)) for part in node.expressions]
    items = ", ".join(code.argument for code in parts)
    extra = ", ignore_nulls=True" if any(code.nullable for code in parts) else ""
    return Code(f"pl.concat_str({items}{extra})", TEXT, nullable=False)


def _concat_ws(translate: Translation, node: Node) -> Code:
    separator, *parts = (translate(part) for part in node.expressions)
    items = ", ".join(as_text(code).argument for code in parts)
    return Code(
        f"pl.concat_str({items}, separator={separator.text}, ignore_nulls=True)",
        TEXT,
        nullable=False,
    )


def _simple(method: str) -> Handler:
    def handler(translate: Translation, node: Node) -> Code:
        return as_text(translate(node.this)).call(method, dtype=TEXT)

    return handler


def _substring(translate: Translation, node: Node) -> Code:
    """SUBSTRING counts from 1."""
    code = as_text(translate(node.this))
    start, size = node.args.get("start"), node.args.get("length")
    first = 1 if start is None else translate(start).value
    count = None if size is None else translate(size).value
    if size is not None and not isinstance(count, int):
        code_of_size = translate(size)
        if first == 1:
            return code.call("str.head", code_of_size.text, dtype=TEXT)
    if not isinstance(first, int) or (size is not None and not isinstance(count, int)):
        raise Untranslatable("SUBSTRING with ends that are not written down is not translated")
    offset = first - 1 if first > 0 else first
    if first == 0 and isinstance(count, int):
        offset, count = 0, count - 1
    arguments = [str(offset)] + ([] if count is None else [str(count)])
    return code.call("str.slice", *arguments, dtype=TEXT)


def _end(translate: Translation, node: Node) -> Code:
    """LEFT and RIGHT."""
    method = "str.head" if isinstance(node, exp.Left) else "str.tail"
    count = translate(node.expression)
    return as_text(translate(node.this)).call(method, count.text, dtype=TEXT)


def _trim(translate: Translation, node: Node) -> Code:
    code = as_text(translate(node.this))
    side = str(node.args.get("position") or "BOTH").upper()
    method = {"LEADING": "strip_chars_start", "TRAILING": "strip_chars_end"}.get(
        side, "strip_chars"
    )
    removed = node.args.get("expression")
    arguments = ['" "'] if removed is None else [translate(removed).text]
    return code.call(f"str.{method}", *arguments, dtype=TEXT)


def _replace(translate: Translation, node: Node) -> Code:
    code = as_text(translate(node.this))
    old, new = translate(node.expression), node.args.get("replacement")
    put = '""' if new is None else translate(new).text
    return code.call("str.replace_all", old.text, put, "literal=True", dtype=TEXT)


def _regex_replace(translate: Translation, node: Node) -> Code:
    code = as_text(translate(node.this))
    pattern, new = translate(node.expression), node.args.get("replacement")
    modifiers = node.args.get("modifiers")
    every = modifiers is not None and "g" in modifiers.name
    put = "" if new is None else translate(new).value
    if not isinstance(put, str):
        raise Untranslatable("REGEXP_REPLACE by what is not written down is not translated")
    put = re.sub(r"\\(\d)", r"$${\1}", put.replace("$", "$$")).replace("$${", "${")
    method = "str.replace_all" if every else "str.replace"
    return code.call(method, pattern.text, text_literal(put), dtype=TEXT)


def _regex_extract(translate: Translation, node: Node) -> Code:
    """Empty where nothing matches."""
    code, pattern = as_text(translate(node.this)), translate(node.expression)
    group = node.args.get("group")
    number = "0" if group is None else translate(group).text
    found = code.call("str.extract", pattern.text, number, dtype=TEXT)
    filled = found.call("fill_null", '""', dtype=TEXT, nullable=False)
    if not code.nullable:
        return filled
    return Code(f"pl.when({code.expression}.is_not_null()).then({filled.text})", TEXT)


def _split_part(translate: Translation, node: Node) -> Code:
    code, mark = as_text(translate(node.this)), translate(node.args["delimiter"])
    index = translate(node.args["part_index"]).value
    if not isinstance(index, int) or index == 0:
        raise Untranslatable("SPLIT_PART with a number that is not written down is not translated")
    at = index - 1 if index > 0 else index
    parts = code.call("str.split", mark.text)
    part = parts.call("list.get", str(at), "null_on_oob=True", dtype=TEXT)
    filled = part.call("fill_null", '""', dtype=TEXT, nullable=False)
    if not code.nullable or index == 1:
        return part if index == 1 else filled
    return Code(f"pl.when({code.expression}.is_not_null()).then({filled.text})", TEXT)


def _position(translate: Translation, node: Node) -> Code:
    """From 1; 0 where it does not occur."""
    code, part = as_text(translate(node.this)), translate(node.args["substr"])
    found = code.call("str.find", part.text, "literal=True").call("cast", "pl.Int64")
    filled = Code(f"({found.text} + 1).fill_null(0)", pl.Int64(), nullable=False)
    if not code.nullable:
        return filled
    text = f"pl.when({code.expression}.is_not_null()).then({filled.text})"
    return Code(text, pl.Int64())


def _pad(translate: Translation, node: Node) -> Code:
    """LPAD and RPAD, which cut what is longer."""
    code = as_text(translate(node.this))
    width, fill = translate(node.expression), node.args.get("fill_pattern")
    method = "pad_start" if node.args.get("is_left") else "pad_end"
    mark = '" "' if fill is None else translate(fill).text
    return code.call("str.head", width.text).call(f"str.{method}", width.text, mark, dtype=TEXT)


def _affix(translate: Translation, node: Node) -> Code:
    methods = {exp.StartsWith: "starts_with", exp.EndsWith: "ends_with"}
    code, part = as_text(translate(node.this)), translate(node.expression)
    return code.call(f"str.{methods[type(node)]}", part.text, dtype=BOOLEAN)


def _split(translate: Translation, node: Node) -> Code:
    mark = translate(node.expression)
    return as_text(translate(node.this)).call("str.split", mark.text, dtype=pl.List(TEXT))


HANDLERS: dict[type[Node], Handler] = {
    exp.Like: _like,
    exp.ILike: _like,
    exp.RegexpLike: _regex_like,
    exp.RegexpILike: _regex,
    exp.RegexpFullMatch: _similar,
    exp.SimilarTo: _similar,
    exp.DPipe: _joined,
    exp.Concat: _concat,
    exp.ConcatWs: _concat_ws,
    exp.Upper: _simple("str.to_uppercase"),
    exp.Lower: _simple("str.to_lowercase"),
    exp.Initcap: _simple("str.to_titlecase"),
    exp.Reverse: _simple("str.reverse"),
    exp.Substring: _substring,
    exp.Left: _end,
    exp.Right: _end,
    exp.Trim: _trim,
    exp.Replace: _replace,
    exp.RegexpReplace: _regex_replace,
    exp.RegexpExtract: _regex_extract,
    exp.SplitPart: _split_part,
    exp.StrPosition: _position,
    exp.Pad: _pad,
    exp.StartsWith: _affix,
    exp.EndsWith: _affix,
    exp.Split: _split,
}
