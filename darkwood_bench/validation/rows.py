"""The rows of two frames as multisets: which rows of one have no counterpart in the other.

Rows are equal when all their cells are: floats by tolerance, everything else exactly. Three steps,
each deciding what it can and leaving the rest to the next:
1. by pairing (see `pairing`): nearly all rows of nearly equal frames pair up at once;
2. by keys: exact cells, and the cluster of each float (see `tolerance`). Close rows share a key, so
   a key that is not as frequent on both sides is a difference; if all clusters are tight, rows of
   equal keys are equal, and frequency decides;
3. by an exact matching within each key that loose floats leave open.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from darkwood_bench.validation.cells import (
    Cells,
    Keys,
    number_keys,
    rows_close,
    take_apart,
)
from darkwood_bench.validation.matching import unpaired_row
from darkwood_bench.validation.pairing import OpenRows, open_rows
from darkwood_bench.validation.tolerance import Ids, close


@dataclass(frozen=True)
class Unmatched:
    """Row numbers without a counterpart, ascending."""

    got: list[int]
    gold: list[int]
    complete: bool
    """Whether these are all of them, or only the first that was proven to have none."""
    searched: OpenRows
    """The rows among which these were looked for; every other row has a counterpart."""


def unmatched_rows(
    got: pl.DataFrame,
    gold: pl.DataFrame,
    *,
    runs: pl.Series | None = None,
    among: OpenRows | None = None,
) -> Unmatched | None:
    """Compare frames of the same column names and common dtypes; None when they are equal.

    Heights may differ; the frames have at least one column. `runs`: a number for each row, of
    frames of one height; a row's counterpart must have the same. `among`: `Unmatched.searched` of
    the same frames within runs, where these were compared before.
    """
    left, right = take_apart(got, gold.select(got.columns))
    if runs is not None:
        left, right = left.within(runs), right.within(runs)
    searched = open_rows(left, right, among)
    if not searched:
        return None
    ours, theirs = searched.left, searched.right
    left, right = left.take(ours), right.take(theirs)
    keys = number_keys(left, right)
    found = _frequencies(keys.left, keys.right)
    complete = found is not None
    found = found or _match_within_keys(left, right, keys)
    if found is None:
        return None
    return Unmatched(ours[found[0]].tolist(), theirs[found[1]].tolist(), complete, searched)


def rows_agree(got: pl.DataFrame, gold: pl.DataFrame) -> pl.Series:
    """For equally tall frames of common dtypes: whether row i of one equals row i of the other."""
    return rows_close(*take_apart(got, gold.select(got.columns)))


def _frequencies(got: Ids, gold: Ids) -> tuple[list[int], list[int]] | None:
    """Rows of keys that are more frequent on one side: the last ones, as many as are too many."""
    size = int(max(got.max(initial=-1), gold.max(initial=-1))) + 1
    surplus = np.bincount(got, minlength=size) - np.bincount(gold, minlength=size)
    if not surplus.any():
        return None
    return _surplus_rows(got, surplus), _surplus_rows(gold, -surplus)


def _surplus_rows(row_keys: Ids, surplus: Ids) -> list[int]:
    order = np.argsort(row_keys, kind="stable")
    ordered = row_keys[order]
    ends = np.searchsorted(ordered, ordered, side="right")
    from_the_end = ends - np.arange(len(ordered))
    return sorted(order[from_the_end <= surplus[ordered]].tolist())


def _match_within_keys(left: Cells, right: Cells, keys: Keys) -> tuple[list[int], list[int]] | None:
    """Match the loose floats of each key's rows, keys being equally frequent on both sides.

    Returns the first row of gold that is proven to have no counterpart, and one of got likewise.
    """
    if not keys.loose and not keys.loose_nested:
        return None
    ours, theirs = left.loose_floats(keys), right.loose_floats(keys)
    our_rows = np.lexsort((*ours.T[::-1], keys.left))
    their_rows = np.lexsort((*theirs.T[::-1], keys.right))
    ordered_keys = keys.left[our_rows]
    open_keys = ordered_keys
    if not keys.loose_nested:
        open_keys = ordered_keys[~close(ours[our_rows], theirs[their_rows]).all(axis=1)]
    for key in np.unique(open_keys):
        start, end = np.searchsorted(ordered_keys, [key, key + 1])
        got, gold = our_rows[start:end], their_rows[start:end]
        got_floats = np.hstack([ours[got], left.loose_nested(keys, got)])
        gold_floats = np.hstack([theirs[gold], right.loose_nested(keys, gold)])
        missing = unpaired_row(gold_floats, got_floats)
        if missing is not None:
            surplus = unpaired_row(got_floats, gold_floats)
            found = [] if surplus is None else [int(got[surplus])]
            return found, [int(gold[missing])]
    return None
