"""Which values a column may hold, by its table's rules."""

import re
from datetime import date, datetime
from typing import Any

import polars as pl

from darkwood_bench.tasks.schema import TableRules

LAWS = ("ranges", "values", "patterns", "text_dates")
"""The fields of `TableRules` that say what a column may hold."""


def allowed(values: pl.Series, column: str, rules: TableRules) -> pl.Series:
    """For each value, whether the closed set, bounds and date format of `column` allow it.

    Null is allowed here: whether a column may be null is another law. Of a list, every item counts.
    Raises TypeError for bounds that cannot be compared with such values.
    """
    fits = _all_true(len(values))
    if not any(column in getattr(rules, law) for law in LAWS):
        return fits
    if isinstance(values.dtype, pl.List):
        items = values.list.explode(empty_as_null=True, keep_nulls=True)
        rows = pl.Series(range(len(values)), dtype=pl.UInt32).repeat_by(
            values.list.len().fill_null(1).clip(1)
        )
        by_item = pl.DataFrame(
            {"row": rows.explode(empty_as_null=True), "fits": allowed(items, column, rules)}
        )
        return by_item.group_by("row", maintain_order=True).agg(pl.col("fits").all())["fits"]
    fits &= in_range(values, column, rules)
    if column in rules.patterns:
        whole = re.compile(rules.patterns[column], re.DOTALL)
        matches = [value is None or whole.fullmatch(value) is not None for value in values]
        fits &= pl.Series(matches, dtype=pl.Boolean)
    closed = _in_closed_set(values, column, rules)
    return fits if closed is None else fits & closed


def in_range(values: pl.Series, column: str, rules: TableRules) -> pl.Series:
    """For each value, whether the bounds of `column` allow it; null and NaN are within them.

    Raises TypeError for bounds that cannot be compared with such values.
    """
    if isinstance(values.dtype, pl.List) or column not in rules.ranges:
        return _all_true(len(values))
    low, high = rules.ranges[column]
    try:
        above = (_comparable(values, low) >= low).fill_null(True)
        return above & (_comparable(values, high) <= high).fill_null(True)
    except (pl.exceptions.PolarsError, TypeError) as error:
        raise TypeError(f"bounds are of another kind than {values.dtype}") from error


def _all_true(n: int) -> pl.Series:
    return pl.repeat(True, n, dtype=pl.Boolean, eager=True)


def _in_closed_set(values: pl.Series, column: str, rules: TableRules) -> pl.Series | None:
    if column not in rules.values and column not in rules.text_dates:
        return None
    options = set(rules.values.get(column, ()))
    fits = pl.Series([value is None or value in options for value in values], dtype=pl.Boolean)
    if column in rules.text_dates:
        fits |= parse_dates(values, rules.text_dates[column]).is_not_null()
    return fits


def parse_dates(texts: pl.Series, format: str) -> pl.Series:
    """Datetimes of texts in a strftime format; null where a text is no such date."""
    texts = texts.cast(pl.String)
    if any(part in format for part in ("%H", "%I", "%T", "%R")):
        return texts.str.to_datetime(format, strict=False, time_unit="us")
    return texts.str.to_date(format, strict=False).cast(pl.Datetime("us"))


def _comparable(values: pl.Series, bound: Any) -> pl.Series:
    """The values as a bound can be compared with: Decimals as floats, moments as the bound's kind.

    NaN counts as null: no bound tells of it.
    """
    if values.dtype.is_float() or values.dtype.is_decimal():
        return values.cast(pl.Float64).fill_nan(None)
    if isinstance(values.dtype, pl.Datetime):
        local = values.dt.replace_time_zone(None)
        whole_day = isinstance(bound, date) and not isinstance(bound, datetime)
        return local.dt.date() if whole_day else local
    return values
