"""For every column, the values that a variant may choose from, and which task asks for which."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from darkwood_bench.tasks.schema import Schema, TableRules
from darkwood_bench.tasks.task import Task
from darkwood_bench.tasks.variants.mentions import Mention, mentions_in_code, mentions_in_sql
from darkwood_bench.tasks.variants.neighbours import bounds, equal_and_near, text_forms
from darkwood_bench.tasks.variants.sampling import Frames

TaskMentions = Mapping[str, frozenset[Mention]]
"""By task id."""
_SOME = 200
"""Values of a column that stand for all of them."""


@dataclass(frozen=True)
class Pool:
    """Values that are not in a column's own row: what tasks ask for, and what bounds it."""

    values: pl.Series
    equal: Mapping[str, Sequence[int]]
    """By task id, the values that meet one of its constants."""
    near: Mapping[str, Sequence[int]]
    """By task id, the values that just miss one."""


def read_mentions(tasks: Sequence[Task], frames: Frames) -> dict[str, frozenset[Mention]]:
    """What each task compares columns of the tables with."""
    names = {name for frame in frames.values() for name in frame.columns}
    return {
        task.task_id: mentions_in_code(task.gold_code, names)
        | mentions_in_sql(task.oracle_sql or "", names)
        for task in tasks
    }


def pools_of(
    table: str, frame: pl.DataFrame, schema: Schema, mentions: TaskMentions
) -> dict[str, Pool]:
    """The pool of every column of a table."""
    rules = schema.tables[table]
    referring: dict[str, set[str]] = {name: {name} for name in frame.columns}
    for other in schema.tables.values():
        for column, target in other.references.items():
            if target.table == table:
                # What is asked of a reference is asked of the key that it leads to.
                referring[target.column].add(column)
    return {
        name: _pool(name, frame[name], rules, mentions, referring[name]) for name in frame.columns
    }


def _pool(
    name: str, base: pl.Series, rules: TableRules, mentions: TaskMentions, names: Collection[str]
) -> Pool:
    some = base.drop_nulls().unique(maintain_order=True)[:_SOME]
    parts = [some, bounds(some, name, rules)]
    equal: dict[str, list[int]] = {}
    near: dict[str, list[int]] = {}

    def add(values: pl.Series) -> range:
        start = sum(map(len, parts))
        parts.append(values)
        return range(start, start + len(values))

    for task_id, found in mentions.items():
        for mention in sorted(found, key=str):
            if not set(names) & set(mention.columns):
                continue
            for constant in mention.constants:
                met, missed = equal_and_near(constant, some, name, rules)
                equal.setdefault(task_id, []).extend(add(met))
                near.setdefault(task_id, []).extend(add(missed))
            if base.dtype == pl.String and mention.columns == (name,):
                near.setdefault(task_id, []).extend(add(text_forms(some, name, rules)))
    values = pl.concat([part.cast(base.dtype) for part in parts]) if len(parts) > 1 else some
    return Pool(values, equal, near)


def wanted_rows(frame: pl.DataFrame, pools: Mapping[str, Pool]) -> pl.Series:
    """A mask of the rows in which some column meets, or just misses, a constant of some task."""
    mask = pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
    for name, pool in pools.items():
        indices = [i for found in (pool.equal, pool.near) for some in found.values() for i in some]
        asked = pool.values.gather(pl.Series(indices, dtype=pl.UInt32)).unique()
        if len(asked) and not asked.dtype.is_nested():
            mask |= frame[name].is_in(asked.implode()).fill_null(False)
    return mask
