"""Arithmetic, comparisons and logic."""

import polars as pl
from sqlglot import exp

from darkwood_bench.harness.sql.code import Binding, Code, literal
from darkwood_bench.harness.sql.dtypes import common, is_integer, is_temporal, is_text, widened
from darkwood_bench.harness.sql.errors import Untranslatable
from darkwood_bench.harness.sql.expressions.coercion import comparable, condition
from darkwood_bench.harness.sql.expressions.spans import difference, shifted
from darkwood_bench.harness.sql.nodes import Node
from darkwood_bench.harness.sql.translation import Handler, Translation

BOOLEAN = pl.Boolean()


def binary(left: Code, operator: str, right: Code, dtype: pl.DataType | None) -> Code:
    """Two operands and a Python operator between them."""
    binding = _BINDINGS[operator]
    if left.python and right.python:
        left = Code(f"pl.lit({left.text})", left.dtype, nullable=left.nullable)
    # Operators of equal rank group to the left; comparisons do not group at all.
    tighter = Binding(binding + 1) if binding != Binding.SIGN else Binding.ATOM
    one = left.at_least(tighter if binding == Binding.COMPARISON else binding)
    other = right.at_least(tighter if operator not in "&|" else binding)
    return Code(f"{one} {operator} {other}", dtype, binding, left.nullable or right.nullable)


_BINDINGS = {
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), Binding.COMPARISON),
    "|": Binding.OR,
    "&": Binding.AND,
    **dict.fromkeys("+-", Binding.SUM),
    **dict.fromkeys(("*", "/", "//", "%"), Binding.PRODUCT),
}
_COMPARISONS = {
    exp.EQ: "==",
    exp.NEQ: "!=",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}


def _comparison(translate: Translation, node: Node) -> Code:
    if isinstance(node.expression, exp.Any):
        return _any(translate, node)
    operator = _COMPARISONS[type(node)]
    left, right = comparable(translate(node.this), translate(node.expression))
    if left.python and not right.python:
        left, right, operator = right, left, _TURNED[operator]
    if right.value is None and operator in ("==", "!="):
        translate.program.mend("= NULL -> IS NULL")
        method = "is_null" if operator == "==" else "is_not_null"
        return left.call(method, dtype=BOOLEAN, nullable=False)
    if right.value in (True, False) and isinstance(right.value, bool):
        wanted = right.value == (operator == "==")
        if isinstance(left.dtype, pl.Boolean) and operator in ("==", "!="):
            return left if wanted else negated(left)
    return binary(left, operator, right, BOOLEAN)


_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}


def _any(translate: Translation, node: Node) -> Code:
    """`x = ANY(list)`."""
    inner = node.expression.this
    if not isinstance(node, exp.EQ) or isinstance(inner, (exp.Subquery, exp.Query)):
        raise Untranslatable("ANY of a query is not translated; use IN or EXISTS")
    items, value = translate(inner), translate(node.this)
    return items.call("list.contains", value.text, dtype=BOOLEAN)


def _null_safe(translate: Translation, node: Node) -> Code:
    left, right = comparable(translate(node.this), translate(node.expression))
    method = "eq_missing" if isinstance(node, exp.NullSafeEQ) else "ne_missing"
    return left.call(method, right.text, dtype=BOOLEAN, nullable=False)


def negated(code: Code) -> Code:
    """The opposite of a condition, null where it is null."""
    if code.python:
        return literal(None if code.value is None else not code.value)
    for method, other in (("is_null()", "is_not_null()"), ("is_not_null()", "is_null()")):
        if code.text.endswith(f".{method}") and not code.text.startswith("~"):
            return Code(code.text.removesuffix(method) + other, BOOLEAN, nullable=False)
    return Code(f"~{code.at_least(Binding.SIGN)}", BOOLEAN, Binding.SIGN, code.nullable)


def _not(translate: Translation, node: Node) -> Code:
    return negated(condition(translate(node.this)))


def _logic(translate: Translation, node: Node) -> Code:
    operator = "&" if isinstance(node, exp.And) else "|"
    left, right = condition(translate(node.this)), condition(translate(node.expression))
    return binary(left, operator, right, BOOLEAN)


def _sum(translate: Translation, node: Node) -> Code:
    """Addition and subtraction, of dates and intervals too."""
    operator = "+" if isinstance(node, exp.Add) else "-"
    if isinstance(node.expression, exp.Interval):
        return shifted(translate(node.this), node.expression, -1 if operator == "-" else 1)
    if isinstance(node.this, exp.Interval) and operator == "+":
        return shifted(translate(node.expression), node.this, 1)
    left, right = translate(node.this), translate(node.expression)
    if is_temporal(left.dtype) or is_temporal(right.dtype):
        return difference(left, operator, right)
    if operator == "+" and is_text(left.dtype) and is_text(right.dtype):
        return binary(left, operator, right, pl.String())
    return _arithmetic(left, operator, right)


def _product(translate: Translation, node: Node) -> Code:
    operator = {exp.Mul: "*", exp.Div: "/"}[type(node)]
    return _arithmetic(translate(node.this), operator, translate(node.expression))


def _arithmetic(left: Code, operator: str, right: Code) -> Code:
    if left.value is None or right.value is None:
        return literal(None)
    left, right = (_number(widened(code) if operator != "/" else code) for code in (left, right))
    if operator == "/":
        return binary(_exact(left), operator, _exact(right), pl.Float64())
    if isinstance(left.dtype, pl.Decimal) or isinstance(right.dtype, pl.Decimal):
        # Polars keeps the scale of one factor, where SQL adds both.
        left, right = _exact(left), _exact(right)
    return binary(left, operator, right, common(left.dtype, right.dtype))


def _exact(code: Code) -> Code:
    if isinstance(code.dtype, pl.Decimal):
        return code.call("cast", "pl.Float64", dtype=pl.Float64())
    return code


def _number(code: Code) -> Code:
    """Booleans count as 0 and 1; text that is a number, as that."""
    if isinstance(code.value, str):
        try:
            return literal(float(code.value) if "." in code.value else int(code.value))
        except ValueError:
            raise Untranslatable(f"'{code.value}' is no number") from None
    if isinstance(code.dtype, pl.Boolean) and not code.python:
        return code.call("cast", "pl.Int64", dtype=pl.Int64())
    if isinstance(code.dtype, pl.String) and not code.python:
        return code.call("cast", "pl.Float64", "strict=False", dtype=pl.Float64())
    return code


def _whole_quotient(translate: Translation, node: Node) -> Code:
    """`//` cuts towards zero; Polars' own rounds down, which is the same from 0 on."""
    left, right = (
        _number(widened(translate(node.this))),
        _number(widened(translate(node.expression))),
    )
    quotient = binary(left, "/", right, pl.Float64())
    if is_integer(left.dtype) and is_integer(right.dtype):
        return quotient.call("truncate").call("cast", "pl.Int64", dtype=pl.Int64())
    return quotient.call("truncate", dtype=pl.Float64())


def _remainder(translate: Translation, node: Node) -> Code:
    """SQL's remainder has the sign of the dividend, Polars' that of the divisor."""
    left, right = (
        _number(widened(translate(node.this))),
        _number(widened(translate(node.expression))),
    )
    dtype = common(left.dtype, right.dtype)
    if right.value is not None and isinstance(right.value, (int, float)) and right.value > 0:
        plain = binary(left, "%", right, dtype)
        if _never_negative(node.this):
            return plain
    size = binary(left.call("abs", dtype=left.dtype), "%", right.call("abs"), dtype)
    return binary(left.call("sign", dtype=left.dtype), "*", size, dtype)


def _never_negative(node: Node) -> bool:
    """Whether a number is one that cannot be below zero: a length, a count, a part of a date."""
    kinds = (exp.Length, exp.Count, exp.Year, exp.Month, exp.Day, exp.Extract, exp.Abs, exp.Hour)
    return isinstance(node, kinds)


def _sign(translate: Translation, node: Node) -> Code:
    code = widened(translate(node.this))
    if isinstance(code.value, (int, float)):
        return literal(-code.value)
    return Code(f"-{code.at_least(Binding.SIGN)}", code.dtype, Binding.SIGN, code.nullable)


HANDLERS: dict[type[Node], Handler] = {
    **dict.fromkeys(_COMPARISONS, _comparison),
    exp.NullSafeEQ: _null_safe,
    exp.NullSafeNEQ: _null_safe,
    exp.And: _logic,
    exp.Or: _logic,
    exp.Not: _not,
    exp.Add: _sum,
    exp.Sub: _sum,
    exp.Mul: _product,
    exp.Div: _product,
    exp.IntDiv: _whole_quotient,
    exp.Mod: _remainder,
    exp.Neg: _sign,
}
