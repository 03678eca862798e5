"""Whether gold can be trusted: each task's Polars code against its oracle SQL."""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from darkwood_bench.progress import Progress, Report, silent
from darkwood_bench.tasks.oracle import Oracle
from darkwood_bench.tasks.task import Task

BASE = "base"
"""The name of the database as it is, beside those of its variants."""
Outcome = Literal["agree", "disagree", "gold_error", "oracle_error", "no_oracle"]
RunGold = Callable[[Task, Mapping[str, Path]], pl.DataFrame]
"""Runs a task's gold code over its tables (name -> Parquet) and gives its result."""
Compare = Callable[[pl.DataFrame, pl.DataFrame, Sequence[str]], str | None]
"""compare(got, gold, order_by): None when they are equal, else the difference in words."""


@dataclass(frozen=True)
class TaskCheck:
    """What became of one task's gold and oracle on one variant of its tables."""

    task_id: str
    variant: str
    """A data variant's name, or base."""
    outcome: Outcome
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
    variant: str = BASE,
) -> tuple[TaskCheck, ...]:
    """Run gold and oracle of tasks of one database and compare them, in the order of `tasks`.

    `tables` are those of `variant`.

    Both see only the task's own tables. Wrong output columns count as an error of the side that
    has them. Nothing that gold or oracle raises escapes.
    """
    checks = []
    with Oracle(tables) as oracle:
        for done, task in enumerate(tasks):
            report(Progress("tasks", "gold against oracle", done, len(tasks)))
            if unposted := _names(task.gold_code) & (tables.keys() - set(task.tables)):
                detail = f"uses {', '.join(sorted(unposted))}, which the task does not post"
                outcome = ("gold_error", detail, None)
            else:
                own = {name: tables[name] for name in task.tables}
                outcome = _check(task, own, run_gold, oracle, compare)
            checks.append(TaskCheck(task.task_id, variant, *outcome))
    report(Progress("tasks", "gold against oracle", len(tasks), len(tasks)))
    return tuple(checks)


def _check(
    task: Task,
    tables: Mapping[str, Path],
    run_gold: RunGold,
    oracle: Oracle,
    compare: Compare,
) -> tuple[Outcome, str, int | None]:
    """Outcome, detail and rows of a `TaskCheck`."""
    try:
        gold = run_gold(task, tables)
    except Exception as error:
        return "gold_error", _one_line(error), None
    if names := _wrong_names(gold, task):
        return "gold_error", names, gold.height
    if task.oracle_sql is None:
        return "no_oracle", "", gold.height
    try:
        answer = oracle.run(task.oracle_sql, task.tables)
    except Exception as error:
        return "oracle_error", _one_line(error), gold.height
    if task.ignore_names and answer.width == gold.width:
        answer.columns = gold.columns
    if names := _wrong_names(answer, task):
        return "oracle_error", names, gold.height
    difference = compare(answer, gold, task.order_by)
    return "disagree" if difference else "agree", difference or "", gold.height


def _names(code: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}


def _wrong_names(frame: pl.DataFrame, task: Task) -> str:
    expected = list(task.output_columns)
    return "" if frame.columns == expected else f"columns {frame.columns}, expected {expected}"


def _one_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
