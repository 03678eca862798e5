"""`darkwood tasks`: what is asked, and whether its gold can be trusted."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from darkwood_bench.commands.suites import Suites, asked_suites
from darkwood_bench.commands.task_check import check
from darkwood_bench.commands.task_leaks import leaks
from darkwood_bench.commands.terminal import known, out
from darkwood_bench.settings import settings_from_env

tasks = typer.Typer(help="List the tasks and check their gold answers against the oracle.")
tasks.command()(check)
tasks.command()(leaks)


@tasks.command("list")
def list_tasks(
    suite: Suites = None,
    category: Annotated[
        list[str] | None, typer.Option("--category", "-c", help="Only this category; repeat.")
    ] = None,
    split: Annotated[str | None, typer.Option(help="Only this split: test or examples.")] = None,
) -> None:
    """Every task: its id, split, category, difficulty and question."""
    from darkwood_bench.tables import CATEGORIES

    wanted = known("category", category or [], CATEGORIES)
    splits = known("split", [split] if split else [], ("test", "examples"))
    table = Table()
    for name in ("task", "split", "category", "difficulty", "question"):
        table.add_column(name, overflow="fold")
    shown = 0
    for bank in asked_suites(settings_from_env().datasets, suite):
        for task in bank.tasks:
            if task.category in wanted and task.split in splits:
                shown += 1
                table.add_row(
                    task.task_id,
                    task.split,
                    task.category,
                    str(task.difficulty),
                    escape(task.question),
                )
    out.print(table)
    out.print(f"{shown} tasks")
