"""A result beside gold: the rows that tell them apart, cell by cell, few enough for a page.

What `compare` calls different is shown here, never decided. Rows of gold without a counterpart
stand beside the row of the result that agrees with them in the most cells; a result with the right
rows in a wrong order is shown position by position.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import polars as pl

from darkwood_bench.validation.dtypes import common_dtypes
from darkwood_bench.validation.rows import rows_agree, unmatched_rows
from darkwood_bench.validation.wording import value_at

MAX_ROWS = 8
"""Rows of gold, and rows of the result beyond them, that are kept."""
MAX_COLUMNS = 24
_CELL_CHARS = 120
_CANDIDATES = 200
"""Rows of the result that are looked at as a counterpart."""

Texts = tuple[str | None, ...]
"""Cells as a person reads them; None is null."""


@dataclass(frozen=True)
class ColumnPair:
    """A column of either side."""

    name: str
    expected: str | None
    """Gold's dtype; None where gold has no such column."""
    got: str | None
    """The result's dtype; None where the result has none."""


@dataclass(frozen=True)
class RowPair:
    """A row of gold and its likeliest counterpart; one of them may be missing."""

    expected_row: int | None
    """From 1."""
    got_row: int | None
    expected: Texts
    """A text a column; null where the column is the other side's. Empty without a row."""
    got: Texts
    differs: tuple[bool, ...]
    """Whether a column's cells differ; empty where one of the rows is missing."""


@dataclass(frozen=True)
class SideBySide:
    """How two frames differ, as far as it is kept."""

    columns: tuple[ColumnPair, ...]
    """Gold's in order, then those that only the result has."""
    more_columns: int
    """Columns that are left out."""
    rows: tuple[RowPair, ...]
    more_expected: int
    """Rows of gold without a counterpart that are left out."""
    more_got: int
    """Rows of the result likewise."""


def head(frame: pl.DataFrame) -> list[Texts]:
    """The first rows of a frame as texts, shape (rows, columns), both bounded."""
    return [
        tuple(_text(column, row) for column in frame.get_columns()[:MAX_COLUMNS])
        for row in range(min(frame.height, MAX_ROWS))
    ]


def side_by_side(
    got: pl.DataFrame, gold: pl.DataFrame, *, order_by: Sequence[str] = (), by_place: bool = False
) -> SideBySide:
    """What tells `got` from `gold`; `order_by` is empty where any order of rows is right.

    `by_place`: the question names no columns, so the n-th of one side stands for the n-th of the
    other.
    """
    if by_place and got.width == gold.width:
        got = got.rename(dict(zip(got.columns, gold.columns, strict=True)))
    names = [*gold.columns, *(name for name in got.columns if name not in gold.columns)]
    left, right = _comparable(got, gold)
    places, more_expected, more_got = _places(left, right, order_by)
    shown = names[:MAX_COLUMNS]
    return SideBySide(
        columns=tuple(ColumnPair(name, _dtype(gold, name), _dtype(got, name)) for name in names)[
            :MAX_COLUMNS
        ],
        more_columns=len(names) - len(shown),
        rows=tuple(_pair(place, shown, got, gold, left, right) for place in places),
        more_expected=more_expected,
        more_got=more_got,
    )


def _comparable(got: pl.DataFrame, gold: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The columns that both have and whose values can be equal, cast to common dtypes."""
    ours, theirs = [], []
    for name in gold.columns:
        pair = common_dtypes(got.schema[name], gold.schema[name]) if name in got.columns else None
        if pair is None:
            continue
        try:
            columns = got[name].cast(pair[0]), gold[name].cast(pair[1])
        except pl.exceptions.InvalidOperationError:  # a value that the other dtype cannot hold
            continue
        ours.append(columns[0])
        theirs.append(columns[1])
    return pl.DataFrame(ours), pl.DataFrame(theirs)


_Place = tuple[int | None, int | None]
"""A row of gold and one of the result."""


def _places(
    left: pl.DataFrame, right: pl.DataFrame, order_by: Sequence[str]
) -> tuple[list[_Place], int, int]:
    """The rows worth showing, and how many of gold and of the result are left out."""
    if not left.width:
        return [(row, row) for row in range(min(left.height, right.height, MAX_ROWS))], 0, 0
    unmatched = unmatched_rows(left, right)
    if unmatched is None:
        return _misplaced(left, right, order_by)
    free = unmatched.got[:_CANDIDATES]
    places: list[_Place] = []
    for expected in unmatched.gold[:MAX_ROWS]:
        best = _likeliest(expected, free, left, right)
        places.append((expected, best))
        free = [row for row in free if row != best]
    unasked = unmatched.got[len(unmatched.gold) :]
    extra = list(islice(free, MAX_ROWS)) if unasked else []
    paired = sum(got is not None for _, got in places)
    return (
        [*places, *((None, row) for row in extra[: len(unasked)])],
        len(unmatched.gold) - len(places),
        max(0, len(unmatched.got) - paired - len(extra[: len(unasked)])),
    )


def _misplaced(
    left: pl.DataFrame, right: pl.DataFrame, order_by: Sequence[str]
) -> tuple[list[_Place], int, int]:
    """The first rows that are not in their place; just the first where names or dtypes differ."""
    apart = list(range(right.height))
    if order_by and all(name in right.columns for name in order_by):
        agree = rows_agree(left, right)
        apart = (~agree).arg_true().to_list() or apart
    return [(row, row) for row in apart[:MAX_ROWS]], 0, 0


def _likeliest(
    expected: int, free: Sequence[int], left: pl.DataFrame, right: pl.DataFrame
) -> int | None:
    """The row among `free` that agrees with gold's in the most columns."""
    if not free:
        return None
    sought = [expected] * len(free)
    agreement = pl.DataFrame(
        [
            rows_agree(left.select(name)[free], right.select(name)[sought]).alias(name)
            for name in right.columns
        ]
    )
    return free[agreement.sum_horizontal().arg_max() or 0]


def _pair(
    place: _Place,
    names: Sequence[str],
    got: pl.DataFrame,
    gold: pl.DataFrame,
    left: pl.DataFrame,
    right: pl.DataFrame,
) -> RowPair:
    expected_row, got_row = place
    expected, found = _row(gold, expected_row, names), _row(got, got_row, names)
    differs = []
    if expected_row is not None and got_row is not None:
        for name, theirs, ours in zip(names, expected, found, strict=True):
            if name in right.columns:
                agree = rows_agree(left.select(name)[[got_row]], right.select(name)[[expected_row]])
                differs.append(not agree[0])
            else:
                both = name in got.columns and name in gold.columns
                differs.append(not both or theirs != ours)
    return RowPair(
        None if expected_row is None else expected_row + 1,
        None if got_row is None else got_row + 1,
        expected,
        found,
        tuple(differs),
    )


def _row(frame: pl.DataFrame, row: int | None, names: Sequence[str]) -> Texts:
    if row is None:
        return ()
    return tuple(_text(frame[name], row) if name in frame.columns else None for name in names)


def _text(column: pl.Series, row: int) -> str | None:
    value = value_at(column, row)
    if value is None:
        return None
    text = str(value)
    return text if len(text) <= _CELL_CHARS else text[: _CELL_CHARS - 1] + "…"


def _dtype(frame: pl.DataFrame, name: str) -> str | None:
    return str(frame.schema[name]) if name in frame.columns else None
