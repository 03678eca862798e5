"""Comparison with names ignored: is there a way to pair the columns that makes the frames equal?

A column can stand for a gold column when both hold the same values as multisets. Usually that
leaves one pairing. Where it leaves several, columns are paired one by one, and a partial pairing is
dropped as soon as the rows of the paired columns differ. Columns that are equal row by row are
interchangeable, so only one of them is tried. The number of row comparisons is bounded by
`_TRIES_PER_COLUMN` for each column of gold, so that wide frames full of columns with the same
values in different arrangements end too; past the bound the frames are called different.
"""

from collections.abc import Iterator, Sequence

import polars as pl

from darkwood_bench.validation.difference import Mismatch, compare_rows, rows_differ
from darkwood_bench.validation.dtypes import common_dtypes

_TRIES_PER_COLUMN = 20


def compare_by_content(
    got: pl.DataFrame, gold: pl.DataFrame, order_by: Sequence[str]
) -> Mismatch | None:
    """None when some pairing of the columns makes `got` equal `gold`.

    If the rows match but none of the pairings tried gives the order, that is the mismatch.
    """
    if got.width != gold.width:
        return Mismatch("wrong_columns", f"expected {gold.width} columns, got {got.width}")
    if got.height != gold.height:
        return Mismatch("wrong_row_count", f"expected {gold.height} rows, got {got.height}")
    of_dtype = {
        name: [column for column in got.columns if _same_dtype(got, column, gold, name)]
        for name in gold.columns
    }
    if not all(of_dtype.values()):
        name = next(name for name, columns in of_dtype.items() if not columns)
        return Mismatch("wrong_dtype", f"no column has the dtype of '{name}'")
    for column in got.columns:
        if not any(column in columns for columns in of_dtype.values()):
            return Mismatch("wrong_dtype", f"no column of gold has the dtype of '{column}'")
    candidates: dict[str, list[str]] = {}
    for name, columns in of_dtype.items():
        candidates[name] = [
            column for column in columns if not rows_differ(*_paired(got, gold, {name: column}))
        ]
        if not candidates[name]:
            return Mismatch("wrong_values", f"no column has the values of '{name}'")
    closest: dict[str, str] | None = None
    for closest in _pairings(got, gold, candidates):
        if not rows_differ(*_paired(got, gold, closest), order_by):
            return None
    if closest is not None:
        return compare_rows(*_paired(got, gold, closest), order_by)
    return Mismatch("wrong_values", "no pairing of the columns makes the rows equal")


def _same_dtype(got: pl.DataFrame, column: str, gold: pl.DataFrame, name: str) -> bool:
    return common_dtypes(got.schema[column], gold.schema[name]) is not None


def _pairings(
    got: pl.DataFrame, gold: pl.DataFrame, candidates: dict[str, list[str]]
) -> Iterator[dict[str, str]]:
    """Complete pairings (gold's column to got's) whose rows agree, order aside."""
    names = sorted(gold.columns, key=lambda name: len(candidates[name]))
    tries = _TRIES_PER_COLUMN * gold.width
    stack: list[dict[str, str]] = [{}]
    while stack:
        pairing = stack.pop()
        if len(pairing) == len(names):
            yield pairing
            continue
        name = names[len(pairing)]
        tried: list[pl.Series] = []
        grown: list[dict[str, str]] = []
        for column in candidates[name]:
            values = got[column]
            if column in pairing.values() or any(values.equals(other) for other in tried):
                continue
            if tries == 0:
                return
            tries -= 1
            tried.append(values)
            larger = {**pairing, name: column}
            if not rows_differ(*_paired(got, gold, larger)):
                grown.append(larger)
        stack.extend(reversed(grown))


def _paired(
    got: pl.DataFrame, gold: pl.DataFrame, pairing: dict[str, str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The paired columns only, under gold's names."""
    renamed = got.select(pl.col(column).alias(name) for name, column in pairing.items())
    return renamed, gold.select(list(pairing))
