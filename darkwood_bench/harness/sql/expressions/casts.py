"""CAST, TRY_CAST, and literals with a type before them."""

import polars as pl
from sqlglot import exp

from darkwood_bench.harness.sql.code import Code, literal
from darkwood_bench.harness.sql.dtypes import is_integer, is_number, is_temporal, is_text
from darkwood_bench.harness.sql.errors import Untranslatable
from darkwood_bench.harness.sql.expressions.coercion import moment, read_as
from darkwood_bench.harness.sql.nodes import Node
from darkwood_bench.harness.sql.translation import Handler, Translation

_INTEGERS = {
    "TINYINT": pl.Int8(),
    "SMALLINT": pl.Int16(),
    "INT": pl.Int32(),
    "BIGINT": pl.Int64(),
    "INT128": pl.Int64(),
    "UTINYINT": pl.UInt8(),
    "USMALLINT": pl.UInt16(),
    "UINT": pl.UInt32(),
    "UBIGINT": pl.UInt64(),
}
_TEXTS = {"TEXT", "VARCHAR", "CHAR", "NVARCHAR", "NCHAR"}
_TIMES = {"TIMESTAMP", "TIMESTAMPNTZ", "DATETIME", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"}


def _cast(translate: Translation, node: Node) -> Code:
    to = node.args["to"]
    kind = to.this.value if isinstance(to.this, exp.DType) else str(to.this)
    code = translate(node.this)
    strict = (
        [] if isinstance(node, exp.Cast) and not isinstance(node, exp.TryCast) else ["strict=False"]
    )
    if code.value is None:
        return literal(None)
    if kind == "DATE":
        return _date(code, strict)
    if kind in _TIMES:
        return _time(code, strict, None)
    if kind == "TIMESTAMPTZ":
        return _time(code, strict, "UTC")
    if kind in _TEXTS:
        return _text(code)
    if kind in _INTEGERS:
        return _integer(code, strict, _INTEGERS[kind])
    if kind in ("DOUBLE", "FLOAT", "REAL"):
        dtype = pl.Float64() if kind == "DOUBLE" else pl.Float32()
        if isinstance(code.value, (int, float)) and not isinstance(code.value, bool):
            return literal(float(code.value))
        name = "pl.Float64" if kind == "DOUBLE" else "pl.Float32"
        return code if code.dtype == dtype else code.call("cast", name, *strict, dtype=dtype)
    if kind == "DECIMAL":
        return _decimal(code, strict, to)
    if kind == "BOOLEAN":
        if isinstance(code.value, str):
            return read_as(code.value, pl.Boolean(), code)
        return code.call("cast", "pl.Boolean", *strict, dtype=pl.Boolean())
    raise Untranslatable(f"a cast to {kind} is not translated")


def _date(code: Code, strict: list[str]) -> Code:
    if isinstance(code.value, str):
        return read_as(code.value, pl.Date(), code)
    if is_text(code.dtype):
        return code.call("str.to_date", *strict, dtype=pl.Date())
    if isinstance(code.dtype, pl.Date):
        return code
    return code.call("dt.date", dtype=pl.Date())


def _time(code: Code, strict: list[str], zone: str | None) -> Code:
    dtype = pl.Datetime("us", zone)
    if isinstance(code.value, str):
        return moment(read_as(code.value, pl.Datetime("us"), code).value, dtype)
    if is_text(code.dtype):
        return code.call("str.to_datetime", *strict, dtype=pl.Datetime("us"))
    if isinstance(code.dtype, pl.Datetime):
        return code
    return code.call("cast", 'pl.Datetime("us")', *strict, dtype=pl.Datetime("us"))


def _text(code: Code) -> Code:
    if isinstance(code.value, str) or isinstance(code.dtype, pl.String):
        return code
    if is_temporal(code.dtype) and isinstance(code.dtype, pl.Datetime):
        return code.call("dt.strftime", '"%Y-%m-%d %H:%M:%S"', dtype=pl.String())
    return code.call("cast", "pl.String", dtype=pl.String())


def _integer(code: Code, strict: list[str], dtype: pl.DataType) -> Code:
    """A fraction is rounded, half to the even neighbour, as DuckDB does."""
    name = f"pl.{type(dtype).__name__}"
    if isinstance(code.value, int) and not isinstance(code.value, bool):
        return code
    if code.dtype == dtype:
        return code
    if isinstance(code.dtype, (pl.Float64, pl.Float32)) or (
        is_number(code.dtype) and not is_integer(code.dtype)
    ):
        code = code.call("round", dtype=code.dtype)
    return code.call("cast", name, *strict, dtype=dtype)


def _decimal(code: Code, strict: list[str], to: Node) -> Code:
    numbers = [int(part.name) for part in to.expressions]
    precision, scale = (numbers + [18, 3][len(numbers) :])[:2] if numbers else (18, 3)
    if len(numbers) == 1:
        scale = 0
    dtype = pl.Decimal(precision, scale)
    return code.call("cast", f"pl.Decimal({precision}, {scale})", *strict, dtype=dtype)


HANDLERS: dict[type[Node], Handler] = {exp.Cast: _cast, exp.TryCast: _cast}
