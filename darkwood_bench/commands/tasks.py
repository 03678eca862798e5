"""`darkwood tasks`: what is asked, and whether its gold can be trusted."""

import typer

from darkwood_bench.commands.task_check import check
from darkwood_bench.commands.task_coverage import coverage
from darkwood_bench.commands.task_leaks import leaks
from darkwood_bench.commands.task_list import list_tasks
from darkwood_bench.commands.task_mutants import mutants
from darkwood_bench.commands.task_new import new

tasks = typer.Typer(help="List the tasks and check their gold answers against the oracle.")
tasks.command()(new)
tasks.command("list")(list_tasks)
tasks.command()(check)
tasks.command()(leaks)
tasks.command()(mutants)
tasks.command()(coverage)
