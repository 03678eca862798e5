"""What SQL does with dtypes, as far as code depends on it."""

import polars as pl

from darkwood_bench.harness.sql.code import Code

Dtype = pl.DataType | None
_SMALL = (pl.Int8, pl.Int16, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64)


def is_number(dtype: Dtype) -> bool:
    return dtype is not None and dtype.is_numeric()


def is_integer(dtype: Dtype) -> bool:
    return dtype is not None and dtype.is_integer()


def is_text(dtype: Dtype) -> bool:
    return isinstance(dtype, (pl.String, pl.Categorical, pl.Enum))


def is_temporal(dtype: Dtype) -> bool:
    return isinstance(dtype, (pl.Date, pl.Datetime))


def widened(code: Code) -> Code:
    """A whole number that arithmetic does not push over the edge of its dtype.

    Counts are unsigned and parts of dates have 8 bits: a difference would wrap around.
    """
    if isinstance(code.dtype, _SMALL):
        return code.call("cast", "pl.Int64", dtype=pl.Int64())
    return code


def common(*dtypes: Dtype) -> Dtype:
    """The dtype that values of several have together; None where it is not clear."""
    known = [dtype for dtype in dtypes if not isinstance(dtype, pl.Null)]
    if not known or any(dtype is None for dtype in known):
        return None
    first = known[0]
    if all(dtype == first for dtype in known):
        return first
    if all(is_integer(dtype) for dtype in known):
        return pl.Int64()
    if all(is_number(dtype) for dtype in known):
        return pl.Float64()
    if all(is_text(dtype) for dtype in known):
        return pl.String()
    if all(is_temporal(dtype) for dtype in known):
        return next(dtype for dtype in known if isinstance(dtype, pl.Datetime))
    return None
