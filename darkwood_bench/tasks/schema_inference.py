"""The laws of a database that nobody wrote down, read cautiously out of its data."""

from collections.abc import Mapping

import polars as pl

from darkwood_bench.tasks.schema import Reference, Schema, TableRules

ID_SUFFIXES = ("id", "key", "code")
MOST_VALUES = 12
"""A text column with at most so many different values, each seen twice on average, is closed."""
FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%Y/%m/%d", "%m/%d/%Y", "%Y-%m-%d %H:%M:%S")


def infer_schema(frames: Mapping[str, pl.DataFrame]) -> Schema:
    """What holds in these tables and is likely meant to.

    - A column is nullable when it holds a null.
    - A key is the first column that looks like an id (named id, key or code, or so ending) and is
      unique and never null. No other set of columns is unique.
    - A column of the same name and dtype as another table's key refers to it; when a value has no
      row there, it may dangle.
    - Text of few values is a closed set, text that is always a date stays one, and numbers and
      dates stay between the lowest and the highest that there are.
    """
    keys = {table: _key(frame) for table, frame in frames.items()}
    return Schema(
        tables={table: _rules(table, frame, frames, keys) for table, frame in frames.items()}
    )


def _key(frame: pl.DataFrame) -> str | None:
    for name, dtype in frame.schema.items():
        column = frame[name]
        like_an_id = name.lower().endswith(ID_SUFFIXES) and (
            dtype.is_integer() or dtype == pl.String
        )
        if like_an_id and len(column) == column.drop_nulls().n_unique() > 0:
            return name
    return None


def _rules(
    table: str,
    frame: pl.DataFrame,
    frames: Mapping[str, pl.DataFrame],
    keys: Mapping[str, str | None],
) -> TableRules:
    key = keys[table]
    references = {
        column: Reference(table=other, column=column)
        for other, other_key in keys.items()
        for column in frame.columns
        if other != table
        and column == other_key
        and column != key
        and frames[other].schema[column] == frame.schema[column]
    }
    dangling = [
        column
        for column, target in references.items()
        if len(_strays(frame[column], frames[target.table][target.column]))
    ]
    free = [name for name in frame.columns if name != key and name not in references]
    return TableRules.model_construct(
        key=(key,) if key else (),
        unique=(),
        nullable=tuple(name for name in frame.columns if frame[name].null_count()),
        references=references,
        dangling=tuple(dangling),
        values={name: values for name in free if (values := _closed(frame[name]))},
        ranges={name: bounds for name in free if (bounds := _bounds(frame[name]))},
        text_dates={name: format for name in free if (format := _date_format(frame[name]))},
    )


def _strays(column: pl.Series, parents: pl.Series) -> pl.Series:
    present = column.drop_nulls()
    return present.filter(~present.is_in(parents.drop_nulls().implode()))


def _closed(column: pl.Series) -> tuple[str, ...]:
    if column.dtype != pl.String:
        return ()
    present = column.drop_nulls()
    values = present.unique(maintain_order=True)
    return tuple(values) if len(values) <= min(MOST_VALUES, len(present) // 2) else ()


def _bounds(column: pl.Series) -> tuple | None:
    if not (column.dtype.is_numeric() or column.dtype == pl.Date):
        return None
    present = column.drop_nulls()
    if column.dtype.is_float():
        present = present.filter(present.is_finite())
    if column.dtype.is_decimal():
        present = present.cast(pl.Float64)
    return (present.min(), present.max()) if len(present) else None


def _date_format(column: pl.Series) -> str | None:
    if column.dtype != pl.String:
        return None
    present = column.drop_nulls()
    for format in FORMATS:
        parsed = (
            present.str.to_datetime(format, strict=False)
            if "%H" in format
            else (present.str.to_date(format, strict=False))
        )
        if len(present) and not parsed.null_count():
            return format
    return None
