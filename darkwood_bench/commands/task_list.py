"""`darkwood tasks list`: what is asked."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Annotated

import typer
from rich.markup import escape
from rich.padding import Padding

from darkwood_bench.commands.suites import Suites, asked_suites
from darkwood_bench.commands.terminal import known, out
from darkwood_bench.settings import settings_from_env
from darkwood_bench.tasks import Suite, Task

FIELDS = (
    *("task_id", "suite", "database", "split", "question", "tables", "output_columns"),
    *("order_by", "ignore_names", "category", "difficulty", "source"),
)


def list_tasks(
    suite: Suites = None,
    category: Annotated[
        list[str] | None, typer.Option("--category", "-c", help="Only this category; repeat.")
    ] = None,
    split: Annotated[str | None, typer.Option(help="Only this split: test or examples.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the tasks as JSON.")] = False,
) -> None:
    """Every task: its name, category, difficulty and question, suite by suite."""
    from darkwood_bench.tables import CATEGORIES

    categories = set(known("category", category or [], CATEGORIES))
    splits = set(known("split", [split] if split else [], ("test", "examples")))
    suites = asked_suites(settings_from_env().datasets, suite)
    chosen = [
        (each, [t for t in each.tasks if t.category in categories and t.split in splits])
        for each in suites
    ]
    if as_json:
        print(json.dumps([_row(task) for _, tasks in chosen for task in tasks], indent=2))
        return
    for each, tasks in chosen:
        _print(each, tasks)
    counts = Counter(task.split for _, tasks in chosen for task in tasks)
    out.print(f"{counts['test']} test tasks, {counts['examples']} examples", highlight=False)


def _print(suite: Suite, tasks: Iterable[Task]) -> None:
    """A line on each task and its question below, so that both fit a terminal of 80 columns."""
    out.print(f"[bold]{suite.name}[/bold]  {escape(suite.title)}", highlight=False)
    for task in tasks:
        marks = [task.category, f"difficulty {task.difficulty}"]
        marks += ["example"] if task.split == "examples" else []
        marks += ["[yellow]no oracle[/yellow]"] if task.oracle_sql is None else []
        out.print(f"  [cyan]{task.task_id}[/cyan]  [dim]{', '.join(marks)}[/dim]", highlight=False)
        out.print(Padding(escape(task.question), (0, 0, 0, 6)), highlight=False)


def _row(task: Task) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(task, name) for name in FIELDS}
    return row | {"has_oracle": task.oracle_sql is not None}
