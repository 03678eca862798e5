"""CASE, COALESCE, IN, BETWEEN, IS NULL and their kin."""

from sqlglot import exp

from darkwood_bench.harness.sql.code import Binding, Code
from darkwood_bench.harness.sql.dtypes import common, is_number, is_temporal
from darkwood_bench.harness.sql.errors import Untranslatable
from darkwood_bench.harness.sql.expressions.coercion import comparable, condition
from darkwood_bench.harness.sql.expressions.operators import BOOLEAN, binary, negated
from darkwood_bench.harness.sql.nodes import Node
from darkwood_bench.harness.sql.translation import Handler, Translation


def _case(translate: Translation, node: Node) -> Code:
    tested = None if node.this is None else translate(node.this)
    branches = []
    for branch in node.args["ifs"]:
        when = translate(branch.this)
        if tested is not None:
            one, other = comparable(tested, when)
            when = binary(one, "==", other, BOOLEAN)
        branches.append((condition(when), translate(branch.args["true"])))
    default = node.args.get("default")
    return cases(branches, None if default is None else translate(default))


def _if(translate: Translation, node: Node) -> Code:
    otherwise = node.args.get("false")
    when, then = condition(translate(node.this)), translate(node.args["true"])
    return cases([(when, then)], None if otherwise is None else translate(otherwise))


def cases(branches: list[tuple[Code, Code]], default: Code | None) -> Code:
    """when … then … otherwise; without a default null."""
    text = "pl"
    for when, then in branches:
        text += f".when({when.text}).then({value(then)})"
    values = [then for _, then in branches]
    nullable = default is None or any(code.nullable for code in (*values, default))
    if default is not None and default.value is not None:
        text += f".otherwise({value(default)})"
        values.append(default)
    return Code(text, common(*(code.dtype for code in values)), nullable=nullable)


def value(code: Code) -> str:
    """As the value of a branch, where a string would be a column's name."""
    return f"pl.lit({code.text})" if isinstance(code.value, str) else code.text


def _coalesce(translate: Translation, node: Node) -> Code:
    first, *others = (translate(part) for part in (node.this, *node.expressions))
    others = [
        comparable(other, first)[0] if isinstance(other.value, str) else other for other in others
    ]
    others = [other for other in others if other.value is not None]
    nullable = all(code.nullable for code in (first, *others))
    if not first.nullable or not others:
        return first
    dtype = common(first.dtype, *(other.dtype for other in others))
    if first.unguarded is not None and others[0].value == 0:
        return Code(first.unguarded, first.dtype, nullable=False)
    if len(others) == 1 and not first.python:
        return first.call("fill_null", value_of_fill(others[0]), dtype=dtype, nullable=nullable)
    items = ", ".join(code.argument for code in (first, *others))
    return Code(f"pl.coalesce({items})", dtype, nullable=nullable)


def value_of_fill(code: Code) -> str:
    """What fill_null takes: values and expressions, of which strings are values."""
    return code.text


def _nullif(translate: Translation, node: Node) -> Code:
    left, right = comparable(translate(node.this), translate(node.expression))
    same = binary(left, "!=", right, BOOLEAN)
    if right.nullable:
        same = left.call("ne_missing", right.text, dtype=BOOLEAN, nullable=False)
    return Code(f"pl.when({same.text}).then({value(left)})", left.dtype)


def _is(translate: Translation, node: Node) -> Code:
    code, wanted = translate(node.this), node.expression
    if isinstance(wanted, exp.Null):
        if code.column is None and code.binding < Binding.ATOM:
            code = Code(f"({code.text})", code.dtype, nullable=code.nullable)
        return code.call("is_null", dtype=BOOLEAN, nullable=False)
    if isinstance(wanted, exp.Boolean):
        return code.call("eq_missing", repr(bool(wanted.this)), dtype=BOOLEAN, nullable=False)
    raise Untranslatable(f"IS {wanted.sql()} is not translated")


def _in(translate: Translation, node: Node) -> Code:
    if node.args.get("query") is not None:
        raise Untranslatable("IN with a query stands where it is not translated")
    if node.args.get("unnest") is not None or node.args.get("field") is not None:
        items = translate(node.args.get("field") or node.args["unnest"].expressions[0])
        return items.call("list.contains", translate(node.this).text, dtype=BOOLEAN)
    tested = translate(node.this)
    items = [comparable(tested, translate(item)) for item in node.expressions]
    tested = items[0][0] if items and items[0][0].dtype != tested.dtype else tested
    options = [option for _, option in items]
    options = [option for option in options if option.value is not None]
    if len(options) == 1:
        return binary(tested, "==", options[0], BOOLEAN)
    if any(not option.python for option in options):
        found = binary(tested, "==", options[0], BOOLEAN)
        for option in options[1:]:
            found = binary(found, "|", binary(tested, "==", option, BOOLEAN), BOOLEAN)
        return found
    texts = ", ".join(option.text for option in options)
    return tested.call("is_in", f"[{texts}]", dtype=BOOLEAN)


def _between(translate: Translation, node: Node) -> Code:
    tested = translate(node.this)
    low, high = (translate(node.args[end]) for end in ("low", "high"))
    tested, low = comparable(tested, low)
    _, high = comparable(tested, high)
    within = tested.call("is_between", bound(low), bound(high), dtype=BOOLEAN)
    return negated(within) if node.args.get("negate") else within


def bound(code: Code) -> str:
    """An end of is_between, where a string would be a column's name."""
    return f"pl.lit({code.text})" if isinstance(code.value, str) else code.text


def _extreme(translate: Translation, node: Node) -> Code:
    """GREATEST and LEAST: nulls are left aside."""
    codes = [translate(part) for part in (node.this, *node.expressions)]
    dtype = common(*(code.dtype for code in codes))
    if dtype is not None and not (is_number(dtype) or is_temporal(dtype)):
        raise Untranslatable("GREATEST and LEAST are of numbers and dates only")
    method = "max_horizontal" if isinstance(node, exp.Greatest) else "min_horizontal"
    nullable = all(code.nullable for code in codes)
    items = ", ".join(code.argument for code in codes)
    return Code(f"pl.{method}({items})", dtype, nullable=nullable)


HANDLERS: dict[type[Node], Handler] = {
    exp.Case: _case,
    exp.If: _if,
    exp.Coalesce: _coalesce,
    exp.Nullif: _nullif,
    exp.Is: _is,
    exp.In: _in,
    exp.Between: _between,
    exp.Greatest: _extreme,
    exp.Least: _extreme,
}
