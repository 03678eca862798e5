"""What a person is told of rows that differ: how many, in which columns, and the first by its key.

Expected and got are shown of the same row, which is the one whose key is the same. The key is the
smallest set of columns that identifies a row of gold (see `identifying`); where there are several,
the one by which most of the rows that differ are found in the result, so that a column whose values
are wrong is not what rows are found by. Where no key finds any, the row that is shown is the one
that agrees in most columns. The first row is the first in gold's order where the task
orders its rows, else the first by its key.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from darkwood_bench.validation.identifying import Key, smallest_keys
from darkwood_bench.validation.rows import Unmatched, rows_agree
from darkwood_bench.validation.wording import count_rows, named, row_text

_LOOKED_AT = 10_000
"""Rows that differ, of which columns and counterparts are looked at; all are counted."""
_KEYS = 12
"""Keys of one size that are compared by how many counterparts they find."""
_LIKENESS = 1000
"""Rows of the result among which the likeliest counterpart is looked for where there is no key."""


@dataclass(frozen=True)
class Frames:
    """A result and gold: as a person knows them, and cast to common dtypes."""

    shown_got: pl.DataFrame
    shown_gold: pl.DataFrame
    got: pl.DataFrame
    gold: pl.DataFrame


@dataclass(frozen=True)
class _Told:
    """Rows that differ, by number, those to be told first at the top."""

    key: Key
    """What counterparts are found by; empty: nothing identifies a row."""
    pairs: pl.DataFrame
    """`gold`, a row of gold, and `got`, the row of the result that has the same key."""
    missing: pl.Series
    """Rows of gold whose key the result has not."""
    unexpected: pl.Series
    """Rows of the result whose key gold has not, or has once and they repeat."""


def values_message(frames: Frames, unmatched: Unmatched, order_by: Sequence[str]) -> str:
    """Of frames of one height: how many rows differ, in what, and the first of them."""
    count = len(unmatched.gold)
    share = f"{count if unmatched.complete else f'at least {count}'} of "
    said = f"{share}{count_rows(frames.gold.height)} not in the result"
    return _message(said, frames, unmatched, order_by)


def row_count_message(frames: Frames, unmatched: Unmatched | None, order_by: Sequence[str]) -> str:
    """Of frames of two heights: both, and the first row that is missing, unexpected or another."""
    said = f"expected {count_rows(frames.gold.height)}, got {frames.got.height}"
    return said if unmatched is None else _message(said, frames, unmatched, order_by)


def _message(said: str, frames: Frames, unmatched: Unmatched, order_by: Sequence[str]) -> str:
    told = _told(frames, unmatched, order_by)
    parts = []
    for expected, got in told.pairs.head(1).rows():
        said += f", differing in {named(_differing(frames, told.pairs.head(_LOOKED_AT)))}"
        by = order_by or told.key
        first = f"first by {named(by)}: " if by else ""
        parts.append(f"{first}expected row {expected + 1}: {row_text(frames.shown_gold, expected)}")
        parts.append(f"got row {got + 1}: {row_text(frames.shown_got, got)}")
    for what, rows, frame in (
        ("missing", told.missing, frames.shown_gold),
        ("unexpected", told.unexpected, frames.shown_got),
    ):
        for row in rows.head(1):
            more = f" and {len(rows) - 1} more" if len(rows) > 1 else ""
            parts.append(f"{what} row {row + 1}{more}: {row_text(frame, row)}")
    return "; ".join([said, *parts])


def _told(frames: Frames, unmatched: Unmatched, order_by: Sequence[str]) -> _Told:
    """Find counterparts by the key by which most are found, by likeness where none is."""
    keys = smallest_keys(frames.gold, unmatched.gold)[:_KEYS]
    gold, got = pl.Series(unmatched.gold), pl.Series(unmatched.got)
    alone = _Told((), pl.DataFrame(), gold, got)
    found = [_by_key(frames, unmatched, key, in_order=bool(order_by)) for key in keys]
    best = max(found, key=lambda told: told.pairs.height, default=alone)
    if best.pairs.height or frames.got.height != frames.gold.height or not len(got):
        return best
    return _Told((), _likeliest(frames, unmatched), gold.clear(), got.clear())


def _by_key(frames: Frames, unmatched: Unmatched, key: Key, *, in_order: bool) -> _Told:
    gold = _keys_of(frames.gold, unmatched.gold, key, "gold", in_order)
    got = _keys_of(frames.got, unmatched.got, key, "got", in_order)
    names = [str(position) for position in range(len(key))]
    once = got.unique(names, keep="first", maintain_order=True)
    both = gold.join(once, on=names, how="left", nulls_equal=True, maintain_order="left")
    missing = both.filter(pl.col("got").is_null())["gold"]
    pairs = both.filter(pl.col("got").is_not_null()).select("gold", "got")
    unexpected = got.filter(~pl.col("got").is_in(pairs["got"].implode()))["got"]
    return _Told(key, pairs, missing, unexpected)


def _keys_of(
    frame: pl.DataFrame, rows: Sequence[int], key: Key, name: str, in_order: bool
) -> pl.DataFrame:
    """The keys of some rows as columns 0, 1, …, and the rows' numbers; in order of the keys."""
    numbers = pl.Series(name, rows, dtype=pl.Int64)
    taken = frame.select(pl.col(column).alias(str(at)) for at, column in enumerate(key))[numbers]
    named_rows = taken.with_columns(numbers)
    return named_rows if in_order else named_rows.sort(*taken.columns, name)


def _likeliest(frames: Frames, unmatched: Unmatched) -> pl.DataFrame:
    """The first row of gold and, of what the result has instead, what agrees in most columns."""
    expected = unmatched.gold[0]
    candidates = unmatched.got[:_LIKENESS]
    pairs = pl.DataFrame({"gold": [expected] * len(candidates), "got": candidates})
    likeness = _agreement(frames, pairs).sum_horizontal().arg_max() or 0
    return pairs[likeness]


def _differing(frames: Frames, pairs: pl.DataFrame) -> list[str]:
    """The columns in which some pair of rows differs."""
    agree = _agreement(frames, pairs)
    return [name for name in agree.columns if not agree[name].all()]


def _agreement(frames: Frames, pairs: pl.DataFrame) -> pl.DataFrame:
    """For each pair of rows and each column, whether the cells agree."""
    got, gold = frames.got[pairs["got"]], frames.gold[pairs["gold"]]
    return pl.DataFrame(
        {name: rows_agree(got.select(name), gold.select(name)) for name in gold.columns}
    )
