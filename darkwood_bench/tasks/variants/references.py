"""Draw keys and references anew, so that what tasks ask for in several tables comes together."""

from collections.abc import Mapping, Sequence

import polars as pl

from darkwood_bench.tasks.databases.draws import Draws
from darkwood_bench.tasks.laws import allowed
from darkwood_bench.tasks.schema import Schema, TableRules
from darkwood_bench.tasks.variants.mixing import Focus
from darkwood_bench.tasks.variants.pools import Pool
from darkwood_bench.tasks.variants.recipes import Recipe

Meeting = Mapping[str, pl.Series]
"""Task id -> the numbers of a table's rows that meet its constants, or refer to such rows."""
_NEW_KEYS = 40


def rekeyed(
    frame: pl.DataFrame, rules: TableRules, pools: Mapping[str, Pool], draws: Draws
) -> pl.DataFrame:
    """Some rows under keys that tasks ask for and no row has. Only for a key of one column."""
    if len(rules.key) != 1 or rules.key[0] in rules.references or not frame.height:
        return frame
    key = rules.key[0]
    pool = pools[key]
    indices = [i for found in (pool.equal, pool.near) for some in found.values() for i in some]
    asked = pool.values.gather(pl.Series(indices, dtype=pl.UInt32)).unique(maintain_order=True)
    missing = asked.filter(~asked.is_in(frame[key].implode()))[: min(_NEW_KEYS, frame.height // 3)]
    rows = sorted({draws.below(frame.height) for _ in missing})
    own = list(range(frame.height))
    for new, row in enumerate(rows):
        own[row] = frame.height + new
    keys = pl.concat([frame[key], missing]).gather(pl.Series(own, dtype=pl.UInt32))
    return frame.with_columns(keys)


def rereferred(
    table: str,
    frames: Mapping[str, pl.DataFrame],
    base: pl.DataFrame,
    schema: Schema,
    meeting: Mapping[str, Meeting],
    focus: Focus,
    recipe: Recipe,
    draws: Draws,
) -> pl.DataFrame:
    """The table with its references drawn anew: crowded on few rows of the parents, or dangling.

    Parents are those in `frames`; a row that a task shapes refers to one that meets that task's
    constants, where there is one. References of a table to itself stay, so that they cannot come
    to run in a circle.
    """
    frame, rules = frames[table], schema.tables[table]
    for column, target in rules.references.items():
        if target.table == table:
            continue
        parents = frames[target.table][target.column]
        lawful = allowed(parents, column, rules) & parents.is_not_null()
        if recipe.crowded and lawful.any():
            drawn = _crowded(parents, lawful, meeting[target.table], focus, draws)
            frame = frame.with_columns(
                pl.when(pl.col(column).is_not_null()).then(drawn).alias(column)
            )
        if recipe.dangling and column in rules.dangling:
            strayed = _dangling(frame[column], base[column], parents, recipe.dangling, draws)
            frame = frame.with_columns(strayed.alias(column))
    return frame


def meets(
    table: str,
    frames: Mapping[str, pl.DataFrame],
    schema: Schema,
    pools: Mapping[str, Pool],
    meeting: Mapping[str, Meeting],
) -> Meeting:
    """For each task, the rows of a finished table that meet its constants."""
    frame = frames[table]
    found: dict[str, pl.Series] = {}

    def add(task: str, mask: pl.Series) -> None:
        found[task] = found[task] | mask if task in found else mask

    for name, pool in pools.items():
        if frame.schema[name].is_nested():
            continue
        for task, indices in pool.equal.items():
            values = pool.values.gather(pl.Series(indices, dtype=pl.UInt32)).implode()
            add(task, frame[name].is_in(values).fill_null(False))
    for column, target in schema.tables[table].references.items():
        if target.table == table:
            continue
        for task, rows in meeting.get(target.table, {}).items():
            parents = frames[target.table][target.column].gather(rows).drop_nulls().implode()
            add(task, frame[column].is_in(parents).fill_null(False))
    return {task: mask.arg_true() for task, mask in found.items() if mask.any()}


def focus_of(n: int, tasks: Sequence[str], recipe: Recipe, draws: Draws) -> list[str | None]:
    """Which task shapes each of n rows: tasks take turns, and some rows are nobody's."""
    turn = draws.below(len(tasks)) if tasks else 0
    focus: list[str | None] = []
    for _ in range(n):
        if tasks and draws.chance(recipe.asked):
            turn += 1
            focus.append(tasks[turn % len(tasks)])
        else:
            focus.append(None)
    return focus


def _crowded(
    parents: pl.Series, lawful: pl.Series, meeting: Meeting, focus: Focus, draws: Draws
) -> pl.Series:
    usual = lawful.arg_true()
    most = max(1, len(usual) * 3 // 4)
    fitting = {
        task: rows
        for task, numbers in meeting.items()
        if len(rows := numbers.filter(lawful.gather(numbers)).to_list())
    }
    rows = usual.to_list()
    cells = []
    for task in focus:
        fit = fitting.get(task, ()) if task else ()
        cells.append(draws.pick(fit) if fit and draws.chance(0.8) else rows[draws.skewed(most)])
    return parents.gather(pl.Series(cells, dtype=pl.UInt32))


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
