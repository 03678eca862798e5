"""When two floats are equal, and what follows for many of them.

`a` and `b` are close when |a - b| <= ABSOLUTE + RELATIVE * max(|a|, |b|). NaN is close to NaN, an
infinity to itself, null to null, and -0.0 is 0.0. The relation is symmetric. It is not transitive,
but it is monotone: if a <= c <= d <= b and a is close to b, then c is close to d. Two facts follow,
and the comparison of rows rests on them: sorted values that have a gap between neighbours cannot be
close across that gap, and a run of values whose ends are close is close throughout.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

RELATIVE = 1e-6
"""DESIGN's tolerance: far above what the order of a sum changes, far below what a person reads."""
ABSOLUTE = 1e-9
"""For values that ought to be zero: terms near 1e6 that cancel leave about 1e-10, which no relative
tolerance forgives. No question asks for differences as small as this."""

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]

_NULL, _NAN, _PLUS_INFINITY, _MINUS_INFINITY = -1, -2, -3, -4


def close(left: Floats, right: Floats) -> npt.NDArray[np.bool_]:
    """Element by element; NaN stands for NaN (nulls are the caller's)."""
    with np.errstate(invalid="ignore", over="ignore"):
        bound = ABSOLUTE + RELATIVE * np.maximum(np.abs(left), np.abs(right))
        near = np.isfinite(left) & np.isfinite(right) & (np.abs(left - right) <= bound)
    return near | (left == right) | (np.isnan(left) & np.isnan(right))


def close_expr(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """`close` for two Float64 expressions, null being close to null only."""
    bound = ABSOLUTE + RELATIVE * pl.max_horizontal(left.abs(), right.abs())
    near = left.is_finite() & right.is_finite() & ((left - right).abs() <= bound)
    return left.eq_missing(right) | near.fill_null(False)


def clusters(values: Floats, null: npt.NDArray[np.bool_]) -> tuple[Ids, bool]:
    """Number each value's cluster, so that close values always share one.

    Returns the numbers, and whether every cluster is tight: all its values close to each other, so
    that sharing a cluster and being close are the same thing.
    """
    ids = np.full(len(values), _NULL, dtype=np.int64)
    ids[np.isnan(values) & ~null] = _NAN
    ids[np.isposinf(values) & ~null] = _PLUS_INFINITY
    ids[np.isneginf(values) & ~null] = _MINUS_INFINITY
    finite = np.flatnonzero(np.isfinite(values) & ~null)
    if not len(finite):
        return ids, True
    order = finite[np.argsort(values[finite], kind="stable")]
    ordered = values[order]
    starts = np.concatenate(([True], ~close(ordered[:-1], ordered[1:])))
    ids[order] = np.cumsum(starts) - 1
    first = np.flatnonzero(starts)
    last = np.append(first[1:], len(ordered)) - 1
    return ids, bool(close(ordered[first], ordered[last]).all())
