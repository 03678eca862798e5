"""Change a small database by a recipe: rows shaped by tasks, nulls, ties, repeats, references."""

from collections.abc import Mapping, Sequence

import polars as pl

from darkwood_bench.tasks.databases.draws import Draws
from darkwood_bench.tasks.laws import allowed
from darkwood_bench.tasks.schema import TableRules
from darkwood_bench.tasks.variants.pools import Pool, TaskMentions
from darkwood_bench.tasks.variants.recipes import Recipe

Focus = Sequence[str | None]
"""For each row of a table, the id of the task whose constants shape it."""
_NULL_SHARES = (0.3, 0.6, 1.0, 1.0, 2.1)
"""Columns differ: a recipe's share of nulls is multiplied by one of these; their mean is 1."""
_FEW = 3


def mixed(
    frame: pl.DataFrame,
    rules: TableRules,
    pools: Mapping[str, Pool],
    mentions: TaskMentions,
    focus: Focus,
    recipe: Recipe,
    draws: Draws,
) -> pl.DataFrame:
    """The rows of a table, changed cell by cell; keys and references are left as they are.

    `focus`: for each row the task that shapes it. Every cell keeps to the column's own laws; those
    between rows are `repair`'s to see to.
    """
    free = [name for name in frame.columns if name not in _fixed(rules)]
    shaped = _shaped(free, pools, focus, draws)
    columns = [_column(frame[name], pools[name], shaped[name], recipe, draws) for name in free]
    frame = _side_by_side(frame.with_columns(columns), rules, free, mentions, focus, draws)
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


def _shaped(
    free: Sequence[str], pools: Mapping[str, Pool], focus: Focus, draws: Draws
) -> dict[str, list[int | None]]:
    """By column, for each row the value of the pool that the row's task asks for, if it does.

    Of a task's rows one in some meets the task's constants in every column; each of the others
    just misses one, and meets all the rest: these are the rows that tell one condition apart.
    """
    shaped: dict[str, list[int | None]] = {name: [None] * len(focus) for name in free}
    turns: dict[str, int] = {}
    for row, task in enumerate(focus):
        if task is None:
            continue
        turn = turns[task] = turns.get(task, draws.below(1000)) + 1
        asked = [name for name in free if task in pools[name].equal or task in pools[name].near]
        missed = asked[turn % (len(asked) + 1)] if turn % (len(asked) + 1) < len(asked) else None
        for name in asked:
            equal, near = (found.get(task, ()) for found in (pools[name].equal, pools[name].near))
            if name == missed and near:
                shaped[name][row] = near[turn // (len(asked) + 1) % len(near)]
            elif equal and draws.chance(0.9):
                shaped[name][row] = draws.pick(equal)
    return shaped


def _column(
    own: pl.Series,
    pool: Pool,
    shaped: Sequence[int | None],
    recipe: Recipe,
    draws: Draws,
) -> pl.Series:
    """A column's cells: those that are shaped by a task, its own, and others of the column."""
    n = len(own)
    choices = pl.concat([own, pool.values])
    few = [draws.below(len(choices)) for _ in range(_FEW)] if len(choices) else []
    cells = []
    for row, asked in enumerate(shaped):
        cell = row
        if asked is not None:
            cell = n + asked
        elif recipe.few_values and draws.chance(0.8):
            cell = draws.pick(few)
        elif draws.chance(recipe.other):
            cell = draws.below(len(choices))
        cells.append(cell)
    changed = choices.gather(pl.Series(cells, dtype=pl.UInt32))
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
    focus: Focus,
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
