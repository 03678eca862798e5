"""Functions of numbers."""

import polars as pl
from sqlglot import exp

from darkwood_bench.harness.sql.code import Binding, Code
from darkwood_bench.harness.sql.dtypes import is_integer, widened
from darkwood_bench.harness.sql.errors import Untranslatable
from darkwood_bench.harness.sql.nodes import Node
from darkwood_bench.harness.sql.translation import Handler, Translation

FLOAT = pl.Float64()


def _round(translate: Translation, node: Node) -> Code:
    """Half away from zero, where Polars' default goes to the even neighbour."""
    code = translate(node.this)
    decimals = node.args.get("decimals")
    digits = 0 if decimals is None else translate(decimals).value
    if not isinstance(digits, int):
        raise Untranslatable("ROUND to digits that are not written down is not translated")
    if digits < 0:
        raise Untranslatable("ROUND to tens or hundreds is not translated")
    if is_integer(code.dtype):
        return code
    arguments = [str(digits)] if digits else []
    return code.call("round", *arguments, 'mode="half_away_from_zero"', dtype=code.dtype)


def _method(method: str, dtype: pl.DataType | None = FLOAT) -> Handler:
    def handler(translate: Translation, node: Node) -> Code:
        code = translate(node.this)
        return code.call(method, dtype=code.dtype if dtype is None else dtype)

    return handler


def _power(translate: Translation, node: Node) -> Code:
    code = translate(node.this)
    if not isinstance(code.dtype, (pl.Float64, pl.Float32)):
        code = code.call("cast", "pl.Float64")
    return code.call("pow", translate(node.expression).text, dtype=FLOAT)


def _log(translate: Translation, node: Node) -> Code:
    """LOG(x) is to the base 10, LOG(b, x) to the base b."""
    if node.args.get("expression") is None:
        return translate(node.this).call("log10", dtype=FLOAT)
    base = translate(node.this)
    number = translate(node.expression)
    if base.value == 10:
        return number.call("log10", dtype=FLOAT)
    return number.call("log", base.text, dtype=FLOAT)


def _absolute(translate: Translation, node: Node) -> Code:
    code = widened(translate(node.this))
    return code.call("abs", dtype=code.dtype)


def _whole(translate: Translation, node: Node) -> Code:
    code = translate(node.this)
    if is_integer(code.dtype):
        return code
    return code.call("ceil" if isinstance(node, exp.Ceil) else "floor", dtype=code.dtype)


def _is_nan(translate: Translation, node: Node) -> Code:
    return translate(node.this).call("is_nan", dtype=pl.Boolean())


def _truncated(translate: Translation, node: Node) -> Code:
    code = translate(node.this)
    if node.args.get("decimals") is not None:
        raise Untranslatable("TRUNC to digits is not translated")
    return code if is_integer(code.dtype) else code.call("truncate", dtype=code.dtype)


def _bits(translate: Translation, node: Node) -> Code:
    operator = {exp.BitwiseAnd: "&", exp.BitwiseOr: "|"}[type(node)]
    binding = Binding.AND if operator == "&" else Binding.OR
    left, right = translate(node.this), translate(node.expression)
    text = f"{left.at_least(Binding.ATOM)} {operator} {right.at_least(Binding.ATOM)}"
    return Code(text, left.dtype, binding, left.nullable or right.nullable)


HANDLERS: dict[type[Node], Handler] = {
    exp.Round: _round,
    exp.Trunc: _truncated,
    exp.Abs: _absolute,
    exp.Ceil: _whole,
    exp.Floor: _whole,
    exp.Sqrt: _method("sqrt"),
    exp.Ln: _method("log"),
    exp.Exp: _method("exp"),
    exp.Sign: _method("sign", None),
    exp.Pow: _power,
    exp.Log: _log,
    exp.IsNan: _is_nan,
    exp.BitwiseAnd: _bits,
    exp.BitwiseOr: _bits,
}
