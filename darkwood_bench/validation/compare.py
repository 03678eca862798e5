"""Whether a result equals gold, and if not, how it differs.

Columns go by name, in any order. Rows are a multiset; where the order of rows is asked for, the
sequence of sort keys must agree, and rows of equal sort keys may come in any order. Cells are equal
by value: see `dtypes` for what may stand for what, `tolerance` for floats, `rows` for how rows are
matched. Null is not NaN; both equal themselves. Frames without rows still have names and dtypes.

A task whose limit cuts through a tie has more than one right answer; the comparison does not know
that, so its gold must break the tie.
"""

from collections.abc import Sequence

import polars as pl

from darkwood_bench.validation.difference import Mismatch, compare_rows
from darkwood_bench.validation.dtypes import common_dtypes
from darkwood_bench.validation.renaming import compare_by_content
from darkwood_bench.validation.wording import listed, named


def compare_frames(
    got: pl.DataFrame,
    gold: pl.DataFrame,
    *,
    order_by: Sequence[str] = (),
    ignore_names: bool = False,
) -> Mismatch | None:
    """None when `got` equals `gold`.

    `order_by` names the columns of gold that fix the order of rows; empty when order is free.
    `ignore_names` pairs columns by content instead of by name (see `renaming`).
    Raises ValueError when `order_by` names a column that gold has not.
    """
    if unknown := [name for name in order_by if name not in gold.columns]:
        raise ValueError(f"order_by: gold has no column {named(unknown)}")
    if ignore_names:
        return compare_by_content(got, gold, order_by)
    return (
        _columns(got, gold)
        or _dtypes(got, gold)
        or compare_rows(got.select(gold.columns), gold, order_by)
    )


def _columns(got: pl.DataFrame, gold: pl.DataFrame) -> Mismatch | None:
    missing = [name for name in gold.columns if name not in got.columns]
    unexpected = [name for name in got.columns if name not in gold.columns]
    if not missing and not unexpected:
        return None
    parts = [f"expected columns {named(gold.columns)}; got {named(got.columns)}"]
    parts += [f"missing: {named(missing)}"] if missing else []
    parts += [f"unexpected: {named(unexpected)}"] if unexpected else []
    return Mismatch("wrong_columns", "; ".join(parts))


def _dtypes(got: pl.DataFrame, gold: pl.DataFrame) -> Mismatch | None:
    wrong = [
        f"column '{name}': expected {dtype}, got {got.schema[name]}"
        for name, dtype in gold.schema.items()
        if common_dtypes(got.schema[name], dtype) is None
    ]
    return Mismatch("wrong_dtype", listed(wrong, "; ")) if wrong else None
