"""`darkwood tasks`: what is asked, and whether its gold can be trusted."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from darkwood_bench.commands.kept_checks import keep_checks
from darkwood_bench.commands.suites import Suites, asked_suites
from darkwood_bench.commands.task_leaks import leaks
from darkwood_bench.commands.terminal import known, out, shown_progress
from darkwood_bench.settings import settings_from_env

tasks = typer.Typer(help="List the tasks and check their gold answers against the oracle.")
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


@tasks.command()
def check(suite: Suites = None) -> None:
    """Run every gold answer and its oracle and compare them; exit 1 where they differ.

    Gold is Polars code and runs in the sandbox; the oracle is DuckDB SQL, written apart from it.
    """
    from darkwood_bench.assets.gold import check_gold

    suites = asked_suites(settings_from_env().datasets, suite)
    sources = {task.task_id: task.source for bank in suites for task in bank.tasks}
    with shown_progress() as report:
        checks = check_gold([bank.name for bank in suites], settings_from_env(), report)
    keep_checks(suites, checks, settings_from_env())
    bad = [check for check in checks if check.outcome not in ("agree", "no_oracle")]
    without = sum(check.outcome == "no_oracle" for check in checks)
    for check in bad:
        out.print(
            f"[red]{check.outcome}[/red] {check.task_id} ({sources[check.task_id]}): "
            f"{escape(check.detail)} (expected: gold, got: oracle)",
            highlight=False,
            soft_wrap=True,
        )
    agree = len(checks) - len(bad) - without
    out.print(f"{agree} of {len(checks)} gold answers agree with the oracle")
    if without:
        out.print(f"{without} have no oracle: their gold runs, and stays unverified")
    if bad:
        raise typer.Exit(1)
