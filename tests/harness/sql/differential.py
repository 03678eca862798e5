"""Small tables with what breaks translations in them, and DuckDB's answer beside ours."""

import math
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

import duckdb
import polars as pl

from darkwood_bench.harness.sql import compile_sql

SCHEMAS: dict[str, dict[str, pl.DataType]] = {
    "t": {
        "id": pl.Int64(),
        "k": pl.String(),
        "n": pl.Int64(),
        "x": pl.Float64(),
        "s": pl.String(),
        "d": pl.Date(),
        "b": pl.Boolean(),
        "stamp": pl.Datetime("us"),
        "l": pl.List(pl.Int64()),
    },
    "u": {"id": pl.Int64(), "k": pl.String(), "n": pl.Int64(), "name": pl.String()},
}
_VALUES: dict[str, list[Any]] = {
    "id": [1, 2, 3, 4],
    "k": ["p", "q", "Q r", None],
    "n": [-7, -2, 0, 1, 1, 2, 5, None],
    "x": [-2.5, -0.5, 0.0, 0.125, 1.0, 2.5, 1000.75, None],
    "s": ["", "ab", "abc", "Abc d", " x ", "a-b-c", "100%", "a_b", "12", None],
    "d": [date(2023, 12, 31), date(2024, 1, 1), date(2024, 2, 29), date(2024, 3, 31), None],
    "b": [True, False, None],
    "stamp": [
        *(datetime(2023, 12, 31, 23, 59, 59), datetime(2024, 1, 1)),
        *(datetime(2024, 1, 1, 6, 30), None),
    ],
    "l": [[], [1], [1, 2, 2], [None, 3], None],
    "name": ["one", "two", None],
}
Tables = Mapping[str, pl.DataFrame]


@cache
def many_tables() -> tuple[tuple[Tables, duckdb.DuckDBPyConnection], ...]:
    """Sets of both tables: without rows, of a row each, of nulls alone, and of up to 12 rows.

    With each set DuckDB with the same tables.
    """
    random = Random(20)
    heights = [(0, 0), (1, 0), (0, 5), (1, 1), (5, 4), (8, 6), (12, 9), (12, 12)]
    return tuple(map(_loaded, [_tables(random, of_each) for of_each in heights]))


def _tables(random: Random, heights: tuple[int, int]) -> Tables:
    return {
        name: pl.DataFrame(
            {column: random.choices(_VALUES[column], k=height) for column in schema}, schema=schema
        )
        for (name, schema), height in zip(SCHEMAS.items(), heights, strict=True)
    }


def _loaded(frames: Tables) -> tuple[Tables, duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(config={"autoinstall_known_extensions": False})
    for name, frame in frames.items():
        connection.register(f"{name}_rows", frame.to_arrow())
        connection.execute(f"CREATE TABLE {name} AS FROM {name}_rows")
    return frames, connection


def ours(code: str, frames: Tables) -> pl.DataFrame:
    """The result of the compiled code."""
    names: dict[str, Any] = {"pl": pl, **frames}
    try:
        exec(code, names)
    except Exception as error:
        raise AssertionError(f"{type(error).__name__}: {error}\n{code}") from error
    return names["result"]


def duckdbs(sql: str, connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """DuckDB's result."""
    frame = pl.from_arrow(connection.sql(sql).to_arrow_table())
    assert isinstance(frame, pl.DataFrame)
    return frame


def same(sql: str, *, ordered: bool = False) -> None:
    """Asserts that both have the same columns by name and the same rows, of every set of tables."""
    code = compile_sql(sql, SCHEMAS).code
    for frames, connection in many_tables():
        mine, theirs = ours(code, frames), duckdbs(sql, connection)
        assert set(mine.columns) == set(theirs.columns), code
        rows = [_rows(frame.select(theirs.columns)) for frame in (mine, theirs)]
        if not ordered:
            rows = [sorted(each, key=repr) for each in rows]
        assert rows[0] == rows[1], f"{code}\n{mine}\n{theirs}"


def _rows(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    return [tuple(map(_plain, row)) for row in frame.iter_rows()]


def _plain(value: Any) -> Any:
    """Values that are equal for a reader: widths of numbers, a day and its midnight."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float, Decimal)):
        number = float(value)
        return "nan" if math.isnan(number) else round(number, 9) + 0.0
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value
