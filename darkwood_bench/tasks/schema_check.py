"""Whether the built tables hold to a schema: what the base data breaks, no variant can keep."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from darkwood_bench.tasks.laws import LAWS, allowed, in_range
from darkwood_bench.tasks.schema import SCHEMA_FILE, Schema, TableRules, Wrong, read_schema
from darkwood_bench.tasks.schema_inference import infer_schema
from darkwood_bench.tasks.task import Suite

MOST_OUTSIDE = 0.5
"""Of the base's values. A range may be narrower than the data: variants leave those rows out."""


def schema_of(suite: Suite, tables: Mapping[str, Path]) -> Schema:
    """The suite's schema.yaml, checked against its tables; inferred from them where there is none.

    Raises TaskBankError as 'file:line: field: problem; fix'.
    """
    frames = {name: pl.read_parquet(path) for name, path in tables.items()}
    path = suite.folder / SCHEMA_FILE
    if not path.is_file():
        return infer_schema(frames)
    schema, wrong = read_schema(path)
    check_schema(schema, frames, wrong)
    return schema


def check_schema(
    schema: Schema,
    frames: Mapping[str, pl.DataFrame],
    wrong: Wrong,
    outside_ranges: float = MOST_OUTSIDE,
) -> None:
    """Raises what `wrong` makes of the first law that is not one of these tables'.

    Up to a share of `outside_ranges` of a column's values may be outside its range.
    """
    for table in schema.tables:
        if table not in frames:
            raise wrong(("tables", table), f"no such table; use one of {', '.join(frames)}")
    for table, frame in frames.items():
        if table not in schema.tables:
            raise wrong(("tables",), f"'{table}' is missing; add it, with {{}} if it has no laws")
        rules = schema.tables[table]
        for field, column in rules.columns().items():
            if column not in frame.columns:
                known = ", ".join(frame.columns)
                raise wrong(("tables", table, *field), f"no column '{column}'; use one of {known}")
        for field, problem in _broken(rules, frame, frames, outside_ranges):
            raise wrong(("tables", table, *field), problem)


def _broken(
    rules: TableRules,
    frame: pl.DataFrame,
    frames: Mapping[str, pl.DataFrame],
    outside_ranges: float,
) -> list[tuple[tuple[str | int, ...], str]]:
    """(field, 'problem; fix') for every law that the frame breaks."""
    found: list[tuple[tuple[str | int, ...], str]] = []
    if rules.key and frame.select(rules.key).is_duplicated().any():
        found.append((("key",), "repeats in the data; name more columns, or leave it out"))
    for i, columns in enumerate(rules.unique):
        if frame.select(columns).drop_nulls().is_duplicated().any():
            found.append((("unique", i), "repeats in the data; name more columns"))
    for column in frame.columns:
        if frame[column].null_count() and column not in rules.nullable:
            found.append((("nullable",), f"'{column}' holds null; add it"))
    for column, target in rules.references.items():
        field = ("references", column)
        if target.table not in frames or target.column not in frames[target.table].columns:
            found.append((field, f"no column {target.table}.{target.column}; correct it"))
            continue
        parents = frames[target.table][target.column]
        if parents.dtype != frame[column].dtype:
            found.append((field, f"is {frame[column].dtype}, not {parents.dtype}; give one dtype"))
        elif column not in rules.dangling:
            strays = (
                frame[column]
                .drop_nulls()
                .filter(~frame[column].drop_nulls().is_in(parents.drop_nulls().implode()))
            )
            if len(strays):
                found.append((field, f"{strays[0]!r} is no row there; add the column to dangling"))
    for column in dict.fromkeys(name for law in LAWS for name in getattr(rules, law)):
        law = next(name for name in LAWS if column in getattr(rules, name))
        try:
            outside = frame[column].filter(~allowed(frame[column], column, rules))
            beyond = frame[column].filter(~in_range(frame[column], column, rules))
        except TypeError as error:
            found.append((("ranges", column), f"{error}; correct them"))
            continue
        if len(outside) > len(beyond) or len(beyond) > outside_ranges * frame[column].count():
            stray = outside.to_list()[0]
            found.append(((law, column), f"{stray!r} is in the data; allow it"))
    return found
