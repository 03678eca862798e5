"""Whether gold can be trusted: each task's Polars code against its oracle SQL."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from darkwood_bench.progress import Progress, Report, silent
from darkwood_bench.tasks.oracle import run_oracle
from darkwood_bench.tasks.task import Task

RunGold = Callable[[Task, Mapping[str, Path]], pl.DataFrame]
"""Runs a task's gold code over its tables (name -> Parquet) and gives its result."""
Compare = Callable[[pl.DataFrame, pl.DataFrame, Sequence[str]], str | None]
"""compare(got, gold, order_by): None when they are equal, else the difference in words."""


@dataclass(frozen=True)
class TaskCheck:
    """What became of one task's gold and oracle."""

    task_id: str
    outcome: Literal["agree", "disagree", "gold_error", "oracle_error", "no_oracle"]
    detail: str
    """The difference or the error, in one line; empty when they agree."""
    rows: int | None
    """Rows of the gold result; None when there is none."""


def check_tasks(
    tasks: Sequence[Task],
    tables: Mapping[str, Path],
    run_gold: RunGold,
    compare: Compare,
    report: Report = silent,
) -> tuple[TaskCheck, ...]:
    """Run gold and oracle of tasks of one database and compare them, in the order of `tasks`.

    Both see only the task's own tables. Wrong output columns count as an error of the side that
    has them. Nothing that gold or oracle raises escapes.
    """
    checks = []
    for done, task in enumerate(tasks):
        report(Progress("tasks", "gold against oracle", done, len(tasks)))
        checks.append(_check(task, {name: tables[name] for name in task.tables}, run_gold, compare))
    report(Progress("tasks", "gold against oracle", len(tasks), len(tasks)))
    return tuple(checks)


def _check(
    task: Task, tables: Mapping[str, Path], run_gold: RunGold, compare: Compare
) -> TaskCheck:
    try:
        gold = run_gold(task, tables)
    except Exception as error:
        return TaskCheck(task.task_id, "gold_error", _one_line(error), None)
    if names := _wrong_names(gold, task):
        return TaskCheck(task.task_id, "gold_error", names, gold.height)
    if task.oracle_sql is None:
        return TaskCheck(task.task_id, "no_oracle", "", gold.height)
    try:
        oracle = run_oracle(task.oracle_sql, tables)
    except Exception as error:
        return TaskCheck(task.task_id, "oracle_error", _one_line(error), gold.height)
    if task.ignore_names and oracle.width == gold.width:
        oracle.columns = gold.columns
    if names := _wrong_names(oracle, task):
        return TaskCheck(task.task_id, "oracle_error", names, gold.height)
    difference = compare(oracle, gold, task.order_by)
    return TaskCheck(
        task.task_id, "disagree" if difference else "agree", difference or "", gold.height
    )


def _wrong_names(frame: pl.DataFrame, task: Task) -> str:
    expected = list(task.output_columns)
    return "" if frame.columns == expected else f"columns {frame.columns}, expected {expected}"


def _one_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
