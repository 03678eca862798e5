"""Rows that pair up at once, so that the exact search for a pairing sees only the few that do not.

Rows are grouped by a hash of all that is compared exactly: equal rows are in one group, whatever
their floats. Then rows are paired, side by side where that nearly fits, else group by group in the
order of their floats, and each pair is looked at cell by cell. A group whose rows all pair up is
done with; one that is left open goes on whole, as closeness of floats is not transitive and a pair
that fits may still be the wrong one. Hashes that collide merge two groups, and decide nothing.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from darkwood_bench.validation.cells import RUN, Cells, columns_close
from darkwood_bench.validation.tolerance import Ids

Hashes = npt.NDArray[np.uint64]

_NEARLY = 0.01
"""The share of rows that may differ side by side for that to be how rows are paired."""
_ROWS_OF_A_RANGE = 64
"""About how many rows are suspect together where one of them is too many."""


@dataclass(frozen=True)
class OpenRows:
    """Row numbers of both sides, ascending, whose groups did not pair up."""

    left: Ids
    right: Ids
    hashes: tuple[Hashes, Hashes]
    """Of all rows of either side, whatever run they are in."""

    def __bool__(self) -> bool:
        return bool(len(self.left) or len(self.right))


def open_rows(left: Cells, right: Cells, among: OpenRows | None = None) -> OpenRows:
    """Pair rows of frames with the same columns and dtypes, and return those that are left open.

    `among`: what was left open by a pairing of the same rows within runs. Only the groups of these
    rows are looked for, and all of them are called open.
    """
    if among is not None:
        ours, theirs = whole = among.hashes
        suspects = np.concatenate([ours[among.left], theirs[among.right]])
    else:
        whole = _hashes(left), _hashes(right)
        ours, theirs = _within_runs(left, whole[0]), _within_runs(right, whole[1])
        suspects = _side_by_side(left, right, ours, theirs)
        if suspects is None:
            suspects = _group_by_group(left, right, ours, theirs)
    return OpenRows(_rows_of(ours, suspects), _rows_of(theirs, suspects), whole)


def _hashes(cells: Cells) -> Hashes:
    """A number for each row's exact cells, and for which of its floats are null or not finite."""
    exact = cells.flat.select(
        _kind_of_float(name) if dtype.is_float() else pl.col(name)
        for name, dtype in cells.flat.schema.items()
        if name != RUN
    )
    return exact.hash_rows(seed=0).to_numpy()


def _within_runs(cells: Cells, hashes: Hashes) -> Hashes:
    """The same with the row's run in the first bits, so that the order of hashes keeps to runs,
    and what is looked up by it lies near; fewer bits of the hash are left, and decide as little."""
    if RUN not in cells.flat.columns or not len(hashes):
        return hashes
    runs = cells.flat[RUN].to_numpy().astype(np.uint64)
    bits = int(runs.max()).bit_length()
    return hashes if not bits else (runs << np.uint64(64 - bits)) | (hashes >> np.uint64(bits))


def _kind_of_float(name: str) -> pl.Expr:
    value, kind = pl.col(name), pl.lit(0, dtype=pl.Int8)
    for number, is_kind in enumerate(
        (value == float("inf"), value == float("-inf"), value.is_nan(), value.is_null()), start=1
    ):
        kind = pl.when(is_kind).then(pl.lit(number, dtype=pl.Int8)).otherwise(kind)
    return kind.alias(name)


def _side_by_side(left: Cells, right: Cells, ours: Hashes, theirs: Hashes) -> Hashes | None:
    """The hashes of rows that differ from those beside them; None where they are too many."""
    if len(ours) != len(theirs):
        return None
    agree = ours == theirs
    if np.count_nonzero(agree) < (1 - _NEARLY) * len(agree):
        return None
    for column in columns_close(left, right):
        agree &= column
        if np.count_nonzero(agree) < (1 - _NEARLY) * len(agree):
            return None
    return np.concatenate([ours[~agree], theirs[~agree]])


def _group_by_group(left: Cells, right: Cells, ours: Hashes, theirs: Hashes) -> Hashes:
    """The hashes of rows whose counterpart in the order of hashes and floats is not close.

    Rows are counted off within ranges of hashes, so that one row too many does not shift all that
    come after it; a range that holds more rows of one side is suspect as a whole.
    """
    if not len(ours) or not len(theirs):
        return np.concatenate([ours, theirs])
    with ThreadPoolExecutor(max_workers=2) as pool:
        (our_order, our_hashes), (their_order, their_hashes) = pool.map(
            _ordered, (left, right), (ours, theirs)
        )
    bits = max(0, len(theirs).bit_length() - _ROWS_OF_A_RANGE.bit_length())
    our_counts, their_counts = _counts(our_hashes, bits), _counts(their_hashes, bits)
    even = our_counts == their_counts
    alone: list[Hashes] = []
    without = their_order[:0]
    agree = np.ones(len(theirs), dtype=np.bool_)
    if not even.all():
        ours_even, theirs_even = np.repeat(even, our_counts), np.repeat(even, their_counts)
        alone = [our_hashes[~ours_even], their_hashes[~theirs_even]]
        our_order, our_hashes = our_order[ours_even], our_hashes[ours_even]
        without = their_order[~theirs_even]
        their_order, their_hashes = their_order[theirs_even], their_hashes[theirs_even]
    partners = np.zeros(len(theirs), dtype=np.int64)
    partners[their_order] = our_order
    agree[their_order] = our_hashes == their_hashes
    for column in columns_close(left, right, partners):
        agree &= column
    agree[without] = True  # these have no partner, and are suspects already
    return np.concatenate([*alone, ours[partners[~agree]], theirs[~agree]])


def _counts(ordered: Hashes, bits: int) -> Ids:
    """How many sorted hashes begin with each of the 2^bits combinations of bits."""
    edges = np.arange(1, 1 << bits, dtype=np.uint64) << np.uint64(64 - bits)
    return np.diff(np.searchsorted(ordered, edges), prepend=0, append=len(ordered))


def _ordered(cells: Cells, hashes: Hashes) -> tuple[Ids, Hashes]:
    """Row numbers by hash, and within a group by the floats; and the hashes in that order."""
    order = np.argsort(hashes)
    floats = [name for name, dtype in cells.flat.schema.items() if dtype.is_float()]
    ordered = hashes[order]
    same = ordered[1:] == ordered[:-1]
    shared = np.concatenate(([False], same)) | np.concatenate((same, [False]))
    if not floats or not shared.any():
        return order, ordered
    rows = order[shared[: len(order)]]
    keys = cells.flat.select(floats)[rows].with_columns(pl.all() + 0.0)  # -0.0 + 0.0 is 0.0
    keys = keys.insert_column(0, pl.Series("", hashes[rows]))
    order[shared[: len(order)]] = rows[
        keys.select(pl.arg_sort_by(keys.columns)).to_series().to_numpy()
    ]
    return order, ordered


def _rows_of(hashes: Hashes, wanted: Hashes) -> Ids:
    return np.flatnonzero(_among(hashes, wanted))


def _among(hashes: Hashes, wanted: Hashes) -> npt.NDArray[np.bool_]:
    if not len(wanted):
        return np.zeros(len(hashes), dtype=np.bool_)
    return pl.Series(hashes).is_in(pl.Series(wanted).unique().implode()).to_numpy()
