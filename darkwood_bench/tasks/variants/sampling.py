"""A small part of a database, with every row that its rows refer to."""

from collections.abc import Mapping

import polars as pl

from darkwood_bench.tasks.databases.draws import Draws
from darkwood_bench.tasks.schema import Schema
from darkwood_bench.tasks.variants.order import parents_first

Frames = Mapping[str, pl.DataFrame]


STRANGERS = 0.1
"""Of the rows drawn: whatever they are, so that unlikely ones come too."""


def sample(
    frames: Frames, schema: Schema, wanted: Mapping[str, pl.Series], rows: int, draws: Draws
) -> dict[str, pl.DataFrame]:
    """About `rows` rows of each table, and whatever rows those refer to, in an order of chance.

    `wanted`: by table, a mask of the rows that tasks ask for. They come first, and rows that refer
    to rows which were already drawn: so that joins find partners, and groups have members.
    """
    chosen: dict[str, pl.Series] = {}
    for table in parents_first(schema):
        chosen[table] = _drawn(table, frames, schema, wanted[table], chosen, rows, draws)
    for table in reversed(parents_first(schema)):
        picked = chosen[table]
        for child, indices in chosen.items():
            for column, target in schema.tables[child].references.items():
                if target.table == table:
                    needed = frames[child][column].gather(indices).drop_nulls().implode()
                    hit = frames[table][target.column].is_in(needed).fill_null(False)
                    picked = pl.concat([picked, hit.arg_true()])
        picked = _with_own_parents(frames[table], schema, table, picked)
        chosen[table] = picked.unique(maintain_order=True)
    return {table: frames[table][_shuffled(chosen[table], draws)] for table in schema.tables}


def _drawn(
    table: str,
    frames: Frames,
    schema: Schema,
    wanted: pl.Series,
    chosen: Mapping[str, pl.Series],
    rows: int,
    draws: Draws,
) -> pl.Series:
    """Row numbers: those with the most to be said for them, and a few strangers."""
    frame = frames[table]
    if frame.height <= rows:
        return pl.Series(range(frame.height), dtype=pl.UInt32)
    merit = wanted.cast(pl.Float64)
    for column, target in schema.tables[table].references.items():
        if target.table in chosen:
            parents = frames[target.table][target.column].gather(chosen[target.table]).implode()
            merit += frame[column].is_in(parents).fill_null(False).cast(pl.Float64)
    strangers = [draws.below(frame.height) for _ in range(int(rows * STRANGERS))]
    by_chance = pl.Series([draws.below(1 << 53) for _ in range(frame.height)], dtype=pl.Int64)
    # Two thirds of a merit are outweighed by chance now and then: not only the best rows are drawn.
    scores = merit + by_chance / (1 << 53) * 1.5
    best = scores.arg_sort(descending=True)[: rows - len(strangers)]
    return pl.concat([best, pl.Series(strangers, dtype=pl.UInt32)]).unique(maintain_order=True)


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
