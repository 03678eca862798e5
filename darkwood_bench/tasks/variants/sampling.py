"""A small part of a database, with every row that its rows refer to."""

from collections.abc import Mapping

import polars as pl

from darkwood_bench.tasks.databases.draws import Draws
from darkwood_bench.tasks.schema import Schema
from darkwood_bench.tasks.variants.order import parents_first

Frames = Mapping[str, pl.DataFrame]


def sample(
    frames: Frames, schema: Schema, wanted: Mapping[str, pl.Series], rows: int, draws: Draws
) -> dict[str, pl.DataFrame]:
    """About `rows` rows of each table, and whatever rows those refer to, in an order of chance.

    `wanted`: by table, a mask of the rows that tasks ask for; they come first. Of a table without
    them, half are drawn and half are their siblings: rows that refer to the same row, so that
    groups have members.
    """
    chosen: dict[str, pl.Series] = {}
    for table in reversed(parents_first(schema)):
        frame = frames[table]
        picked = _picked(frame, schema, table, wanted[table], rows, draws)
        for child, indices in chosen.items():
            for column, target in schema.tables[child].references.items():
                if target.table == table:
                    needed = frames[child][column].gather(indices).drop_nulls().unique()
                    hit = frame[target.column].is_in(needed.implode()).fill_null(False)
                    picked = pl.concat([picked, hit.arg_true()])
        picked = _with_own_parents(frame, schema, table, picked)
        chosen[table] = picked.unique(maintain_order=True)
    return {table: frames[table][_shuffled(chosen[table], draws)] for table in schema.tables}


def _picked(
    frame: pl.DataFrame,
    schema: Schema,
    table: str,
    wanted: pl.Series,
    rows: int,
    draws: Draws,
) -> pl.Series:
    """Row numbers: at most a half wanted ones, then siblings and strangers."""
    if frame.height <= rows:
        return pl.Series(range(frame.height), dtype=pl.UInt32)
    first = _shuffled(wanted.arg_true(), draws)[: rows // 2]
    strangers = pl.Series([draws.below(frame.height) for _ in range(rows // 4)], dtype=pl.UInt32)
    picked = pl.concat([first, strangers]).unique(maintain_order=True)
    if references := schema.tables[table].references:
        column = frame[next(iter(references))]
        same = column.is_in(column.gather(strangers).drop_nulls().implode()).fill_null(False)
        picked = pl.concat([picked, same.arg_true()]).unique(maintain_order=True)[:rows]
    more = [draws.below(frame.height) for _ in range(max(0, rows - len(picked)))]
    return pl.concat([picked, pl.Series(more, dtype=pl.UInt32)])


def _with_own_parents(
    frame: pl.DataFrame, schema: Schema, table: str, picked: pl.Series
) -> pl.Series:
    """The rows, and those of the same table that they refer to, and so on up."""
    own = {
        column: target.column
        for column, target in schema.tables[table].references.items()
        if target.table == table
    }
    while True:
        before = len(picked)
        for column, target in own.items():
            needed = frame[column].gather(picked).drop_nulls().implode()
            hit = frame[target].is_in(needed).fill_null(False)
            picked = pl.concat([picked, hit.arg_true()]).unique(maintain_order=True)
        if len(picked) <= before:
            return picked


def _shuffled(indices: pl.Series, draws: Draws) -> pl.Series:
    keys = pl.Series([draws.below(1 << 53) for _ in range(len(indices))], dtype=pl.Int64)
    return indices.gather(keys.arg_sort())
