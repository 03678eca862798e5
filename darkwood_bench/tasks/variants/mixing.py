"""Change a small database by a recipe: rows shaped by tasks, nulls, ties, repeats, references."""

from collections.abc import Mapping

import polars as pl

from darkwood_bench.tasks.databases.draws import Draws
from darkwood_bench.tasks.laws import allowed
from darkwood_bench.tasks.schema import Schema, TableRules
from darkwood_bench.tasks.variants.pools import Pool, TaskMentions
from darkwood_bench.tasks.variants.recipes import Recipe

_NULL_SHARES = (0.3, 0.6, 1.0, 1.0, 2.1)
"""Columns differ: a recipe's share of nulls is multiplied by one of these; their mean is 1."""
_FEW = 3


def mixed(
    table: str,
    frame: pl.DataFrame,
    schema: Schema,
    pools: Mapping[str, Pool],
    mentions: TaskMentions,
    recipe: Recipe,
    draws: Draws,
) -> pl.DataFrame:
    """The rows of a table, changed cell by cell; keys and references are left as they are.

    Every cell keeps to the column's own laws; those between rows are `repair`'s to see to.
    """
    rules = schema.tables[table]
    free = [name for name in frame.columns if name not in _fixed(rules)]
    about = [
        task
        for task in mentions
        if any(task in pools[name].equal or task in pools[name].near for name in free)
    ]
    focus = [
        draws.pick(about) if about and draws.chance(recipe.asked) else None
        for _ in range(frame.height)
    ]
    columns = []
    for name in free:
        columns.append(_column(frame[name], pools[name], focus, recipe, draws))
    frame = frame.with_columns(columns)
    frame = _side_by_side(frame, rules, free, mentions, focus, draws)
    frame = frame.with_columns(
        _with_nulls(frame[name], recipe, draws)
        for name in frame.columns
        if name in rules.nullable and recipe.nulls
    )
    if recipe.repeats and frame.height:
        frame = _with_repeats(frame, rules, recipe.repeats, draws)
    return frame


def _fixed(rules: TableRules) -> set[str]:
    """Columns whose values are left alone: single keys, unique columns, references."""
    unique = {columns[0] for columns in rules.unique if len(columns) == 1}
    return {*(rules.key if len(rules.key) == 1 else ()), *unique, *rules.references}


def _column(
    own: pl.Series,
    pool: Pool,
    focus: list[str | None],
    recipe: Recipe,
    draws: Draws,
) -> pl.Series:
    """A column's cells chosen from its own rows and its pool."""
    n = len(own)
    choices = pl.concat([own, pool.values])
    few = [draws.below(len(choices)) for _ in range(_FEW)] if len(choices) else []
    cells = []
    for row, task in enumerate(focus):
        cell = row
        equal = pool.equal.get(task, ()) if task else ()
        near = pool.near.get(task, ()) if task else ()
        if equal and draws.chance(0.65):
            cell = n + draws.pick(equal)
        elif near and draws.chance(0.75):
            cell = n + draws.pick(near)
        elif recipe.few_values and draws.chance(0.8):
            cell = draws.pick(few)
        elif draws.chance(recipe.other):
            cell = draws.below(len(choices))
        cells.append(cell)
    changed = choices.gather(pl.Series(cells, dtype=pl.UInt32))
    # Only a nullable column has nulls of its own to choose; the choice of one is no new null.
    return changed.rename(own.name)


def _with_repeats(
    frame: pl.DataFrame, rules: TableRules, share: float, draws: Draws
) -> pl.DataFrame:
    """Rows again: below the others where rows may repeat, and else in place, but for the key."""
    rows = [draws.below(frame.height) for _ in range(max(1, int(frame.height * share)))]
    copies = frame[rows]
    if not rules.key and not rules.unique:
        return pl.concat([frame, copies])
    kept = {*rules.key, *(name for columns in rules.unique for name in columns)}
    into = [draws.below(frame.height) for _ in rows]
    source = list(range(frame.height))
    for target, row in zip(into, rows, strict=True):
        source[target] = row
    return frame.with_columns(
        frame[name].gather(pl.Series(source, dtype=pl.UInt32))
        for name in frame.columns
        if name not in kept
    )


def _side_by_side(
    frame: pl.DataFrame,
    rules: TableRules,
    free: list[str],
    mentions: TaskMentions,
    focus: list[str | None],
    draws: Draws,
) -> pl.DataFrame:
    """Where a task compares two columns: one equal to the other, or beside it, in its rows."""
    for task_id, found in mentions.items():
        for mention in sorted(found, key=str):
            pair = [name for name in mention.columns if name in frame.columns]
            if len(pair) != 2 or frame.schema[pair[0]] != frame.schema[pair[1]]:
                continue
            target = next((name for name in pair if name in free), None)
            if target is None:
                continue
            other = pair[1 - pair.index(target)]
            numbers = [c for c in mention.constants if isinstance(c, int) and abs(c) < 10_000]
            mask = [task == task_id and draws.chance(0.6) for task in focus]
            offsets = [
                (draws.pick(numbers) if numbers and draws.chance(0.6) else 0)
                * (1 if draws.chance(0.7) else -1)
                + draws.pick((-1, 0, 0, 1))
                for _ in focus
            ]
            beside = _beside(frame[other], offsets)
            lawful = allowed(beside, target, rules) & pl.Series(mask, dtype=pl.Boolean)
            if target not in rules.nullable:
                lawful &= beside.is_not_null()
            frame = frame.with_columns(
                pl.when(lawful).then(beside).otherwise(frame[target]).alias(target)
            )
    return frame


def _beside(values: pl.Series, offsets: list[int]) -> pl.Series:
    """Each value moved by its offset: a number's units, a date's days; other values as they are."""
    moved = pl.Series(offsets, dtype=pl.Int64)
    if values.dtype.is_numeric():
        return (values.cast(pl.Float64) + moved).cast(values.dtype, strict=False)
    if isinstance(values.dtype, pl.Date | pl.Datetime):
        by_day = pl.DataFrame({"value": values, "days": moved})
        days = pl.col("days").cast(pl.String) + "d"
        return by_day.select(pl.col("value").dt.offset_by(days))["value"]
    return values


def _with_nulls(values: pl.Series, recipe: Recipe, draws: Draws) -> pl.Series:
    share = recipe.nulls * draws.pick(_NULL_SHARES)
    cells = [None if draws.chance(share) else row for row in range(len(values))]
    return values.gather(pl.Series(cells, dtype=pl.UInt32))


def rereferred(
    table: str,
    frames: Mapping[str, pl.DataFrame],
    base: pl.DataFrame,
    schema: Schema,
    pools: Mapping[str, Pool],
    recipe: Recipe,
    draws: Draws,
) -> pl.DataFrame:
    """The table with its references drawn anew: crowded on few rows of the parents, or dangling.

    Parents are those in `frames`. References of a table to itself stay, so that they cannot come
    to run in a circle.
    """
    frame, rules = frames[table], schema.tables[table]
    for column, target in rules.references.items():
        if target.table == table:
            continue
        parents = frames[target.table][target.column].drop_nulls()
        parents = parents.filter(allowed(parents, column, rules))
        if recipe.crowded and len(parents):
            known = [draws.skewed(max(1, len(parents) * 3 // 4)) for _ in range(frame.height)]
            kept = [
                None if null else i for i, null in zip(known, frame[column].is_null(), strict=True)
            ]
            frame = frame.with_columns(
                parents.gather(pl.Series(kept, dtype=pl.UInt32)).alias(column)
            )
        if recipe.dangling and column in rules.dangling:
            frame = frame.with_columns(
                _dangling(frame[column], base[column], parents, recipe.dangling, draws).alias(
                    column
                )
            )
    return frame


def _dangling(
    references: pl.Series, base: pl.Series, parents: pl.Series, share: float, draws: Draws
) -> pl.Series:
    """Some of the references to no row: to values of the base that have none here."""
    strays = base.drop_nulls().unique(maintain_order=True)
    strays = strays.filter(~strays.is_in(parents.implode()))
    if not len(strays):
        return references
    n = len(references)
    cells = [n + draws.below(len(strays)) if draws.chance(share) else i for i in range(n)]
    return pl.concat([references, strays]).gather(pl.Series(cells, dtype=pl.UInt32))
