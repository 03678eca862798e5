"""Which dtypes may stand for one another, and the common dtype that their values are compared in.

Interchangeable: integers of any width and sign; floats of any width and Decimals of any scale;
String, Categorical and Enum; Datetimes of one time zone (or of none) and Durations, whatever their
time unit; List, Array and Struct when what they hold is interchangeable. Everything else stands
only for itself: a Date is not a String, an Array is not a List, a column of dtype Null is not an
empty column of another dtype.

Integers against floats and Decimals: not interchangeable. Decimal and Float are two ways to write
one quantity, and the engine's own functions turn one into the other (`mean` of a Decimal); a count
or an identifier that came back as 3.0 has lost what its type says. So the numeric dtypes form two
families, and the relation stays transitive.
"""

from collections.abc import Sequence
from typing import Any, Literal

import polars as pl

_TimeUnit = Literal["ns", "us", "ms"]
_FINEST_FIRST: tuple[_TimeUnit, ...] = ("ns", "us", "ms")
_TEXT = (pl.String, pl.Categorical, pl.Enum)
_ONLY_ITSELF = (pl.Boolean, pl.Date, pl.Time, pl.Binary, pl.Null)


def common_dtypes(got: pl.DataType, gold: pl.DataType) -> tuple[pl.DataType, pl.DataType] | None:
    """What to cast values of `got` and of `gold` to, so that equal values become equal.

    The two differ only in the order of struct fields. None when the dtypes are not
    interchangeable. A strict cast that fails for a value means that the other side's dtype cannot
    hold that value: the two are then different.
    """
    scalar = _common_scalar(got, gold)
    if scalar is not None:
        return scalar, scalar
    if isinstance(got, pl.List) and isinstance(gold, pl.List):
        inner = common_dtypes(_resolved(got.inner), _resolved(gold.inner))
        return inner and (pl.List(inner[0]), pl.List(inner[1]))
    if isinstance(got, pl.Array) and isinstance(gold, pl.Array) and got.size == gold.size:
        inner = common_dtypes(_resolved(got.inner), _resolved(gold.inner))
        return inner and (pl.Array(inner[0], got.size), pl.Array(inner[1], gold.size))
    if isinstance(got, pl.Struct) and isinstance(gold, pl.Struct):
        return _common_structs(got, gold)
    return None


def _common_scalar(got: pl.DataType, gold: pl.DataType) -> pl.DataType | None:
    both = (got, gold)
    if all(dtype.is_integer() for dtype in both):
        return _common_integer(got, gold)
    if all(dtype.is_decimal() for dtype in both):
        return pl.Decimal(38, max(dtype.scale for dtype in both if isinstance(dtype, pl.Decimal)))
    if all(dtype.is_float() or dtype.is_decimal() for dtype in both):
        return pl.Float64()
    if all(isinstance(dtype, _TEXT) for dtype in both):
        return pl.String()
    if isinstance(got, pl.Datetime) and isinstance(gold, pl.Datetime):
        same_zone = got.time_zone == gold.time_zone
        return pl.Datetime(_finer(both), gold.time_zone) if same_zone else None
    if isinstance(got, pl.Duration) and isinstance(gold, pl.Duration):
        return pl.Duration(_finer(both))
    return gold if got == gold and isinstance(gold, _ONLY_ITSELF) else None


def _common_integer(got: pl.DataType, gold: pl.DataType) -> pl.DataType:
    both = (got, gold)
    if got == gold:
        return gold
    if all(dtype.is_unsigned_integer() for dtype in both):
        return pl.UInt128() if pl.UInt128() in both else pl.UInt64()
    wide = (pl.Int128(), pl.UInt64(), pl.UInt128())
    return pl.Int128() if any(dtype in wide for dtype in both) else pl.Int64()


def _finer(dtypes: Sequence[pl.DataType]) -> _TimeUnit:
    units = {dtype.time_unit for dtype in dtypes if isinstance(dtype, pl.Datetime | pl.Duration)}
    return next(unit for unit in _FINEST_FIRST if unit in units)


def _common_structs(got: pl.Struct, gold: pl.Struct) -> tuple[pl.DataType, pl.DataType] | None:
    got_fields, gold_fields = got.to_schema(), gold.to_schema()
    if got_fields.keys() != gold_fields.keys():
        return None
    inner = {
        name: common_dtypes(_resolved(got_fields[name]), _resolved(gold_fields[name]))
        for name in gold_fields
    }
    found = {name: pair for name, pair in inner.items() if pair is not None}
    if len(found) < len(inner):
        return None
    return (
        pl.Struct({name: found[name][0] for name in got_fields}),
        pl.Struct({name: found[name][1] for name in gold_fields}),
    )


def _resolved(dtype: Any) -> pl.DataType:
    """An inner dtype as an instance: Polars lets a class stand for it."""
    return dtype() if isinstance(dtype, type) else dtype
