"""Which columns identify a row of a frame, so that the same row can be found in another one."""

from collections.abc import Sequence
from itertools import combinations, islice
from math import prod

import polars as pl

MOST_COLUMNS = 3
"""Columns of a key at most: what identifies a row only by more says little to a person."""
_TRIED = 200
"""Sets of columns of one size that are looked at, at most."""
_SAMPLE = 10_000
"""First rows, in which a set of columns that is no key nearly always repeats itself."""
_WHOLE = 4
"""Sets of one size that a taller frame is looked through for: each costs a part of a sort."""

Key = tuple[str, ...]


def smallest_keys(frame: pl.DataFrame, rows: Sequence[int]) -> list[Key]:
    """The sets of columns whose values identify each row, of the fewest columns that do.

    In the order of the frame's columns. Floats, which are equal only nearly, and nested columns are
    in none. Empty where no set of `MOST_COLUMNS` identifies rows, as where rows are repeated. Of a
    frame of more than 10,000 rows not all sets are tried, but those of the most different values,
    and it is enough that they identify `rows`, by number, among all others.
    """
    exact = [
        name
        for name, dtype in frame.schema.items()
        if not dtype.is_float() and not dtype.is_nested() and dtype != pl.Null
    ]
    sample = frame.select(exact).head(_SAMPLE)
    for size in range(1, min(MOST_COLUMNS, len(exact)) + 1):
        tried = islice(combinations(exact, size), _TRIED)
        found = [key for key in tried if not sample.select(key).is_duplicated().any()]
        if frame.height > _SAMPLE:
            found = [
                key for key in _most_varied(sample, found)[:_WHOLE] if _identifies(frame, key, rows)
            ]
        if found:
            return found
    return []


def _most_varied(sample: pl.DataFrame, keys: Sequence[Key]) -> list[Key]:
    counts = {name: sample[name].n_unique() for name in sample.columns}
    return sorted(keys, key=lambda key: -prod(counts[name] for name in key))


def _identifies(frame: pl.DataFrame, key: Key, rows: Sequence[int]) -> bool:
    """By 64-bit hashes: two that collide only make a key look like none."""
    hashes = frame.select(key).hash_rows()
    wanted = hashes[pl.Series(rows, dtype=pl.Int64)].unique()
    return hashes.is_in(wanted.implode()).sum() == len(rows)
