"""How names, rows and values read in a message: one line, capped."""

from collections.abc import Sequence
from typing import Any

import polars as pl

_LISTED = 8
"""Items that a message lists before it says 'and n more'."""
_CELL_CHARS = 60
"""Characters of one value."""


def count_rows(count: int) -> str:
    """'1 row', '2 rows'."""
    return f"{count} row" if count == 1 else f"{count} rows"


def named(names: Sequence[str]) -> str:
    """Quoted names."""
    return listed([f"'{name}'" for name in names], ", ") or "none"


def listed(texts: Sequence[str], separator: str) -> str:
    """The first texts, and how many more there are."""
    more = [f"and {len(texts) - _LISTED} more"] if len(texts) > _LISTED else []
    return separator.join([*texts[:_LISTED], *more])


def row_text(frame: pl.DataFrame, index: int) -> str:
    """One row: {name=value, ...}."""
    cells = [f"{name}={_cell(value_at(frame.get_column(name), index))}" for name in frame.columns]
    return "{" + listed(cells, ", ") + "}"


def value_at(series: pl.Series, index: int) -> Any:
    """One value; a date beyond those that Python has as the number that it is stored as.

    Milliseconds that were read as seconds are such dates, so answers do hold them.
    """
    try:
        value = series[index]
        if isinstance(value, pl.Series):
            str(value)  # a list is known to hold such a date only when it is read
        return value
    except (ValueError, OverflowError, pl.exceptions.PanicException):
        return series.to_physical()[index]


def _cell(value: Any) -> str:
    text = "null" if value is None else repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _CELL_CHARS else text[: _CELL_CHARS - 1] + "…"
