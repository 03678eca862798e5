"""Make changed tables hold to the laws again: what cannot be mended is taken out."""

import polars as pl

from darkwood_bench.tasks.schema import Schema, TableRules
from darkwood_bench.tasks.variants.order import parents_first


def repair(frames: dict[str, pl.DataFrame], schema: Schema) -> dict[str, pl.DataFrame]:
    """The tables without rows that repeat a key, with references that lead somewhere.

    A reference to no row becomes null where it may be null, and else takes its row out; this is
    repeated until nothing has to go, since a row that goes may be another's parent.
    """
    while True:
        before = {name: frame.height for name, frame in frames.items()}
        for table in parents_first(schema):
            frames[table] = _one_pass(frames[table], schema.tables[table], frames)
        if before == {name: frame.height for name, frame in frames.items()}:
            return frames


def _one_pass(
    frame: pl.DataFrame, rules: TableRules, frames: dict[str, pl.DataFrame]
) -> pl.DataFrame:
    if rules.key:
        frame = frame.drop_nulls(rules.key).unique(rules.key, keep="first", maintain_order=True)
    for columns in rules.unique:
        whole = pl.all_horizontal(pl.col(columns).is_not_null())
        repeated = pl.struct(columns).is_first_distinct().not_() & whole
        frame = frame.filter(~repeated)
    for column, target in rules.references.items():
        if column in rules.dangling:
            continue
        parents = frames[target.table][target.column].drop_nulls()
        stray = pl.col(column).is_not_null() & ~pl.col(column).is_in(parents.implode())
        if column in rules.nullable:
            frame = frame.with_columns(pl.when(~stray).then(column))
        else:
            frame = frame.filter(~stray)
    return frame
