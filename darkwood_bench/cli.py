"""`darkwood`: run the benchmark, look at what it found, and trace a score back to its code."""

import typer

from darkwood_bench.commands.doctor import doctor
from darkwood_bench.commands.leaderboard import leaderboard
from darkwood_bench.commands.models import models
from darkwood_bench.commands.run import run
from darkwood_bench.commands.tasks import tasks
from darkwood_bench.commands.trace import trace

app = typer.Typer(
    name="darkwood",
    help=(
        "Measure how well a language model, with its prompt, turns questions about tables into "
        "correct, fast Polars code, and at what cost: Score = N / (T × VRAM^0.1 × RAM^0.01)."
    ),
    epilog="Start with `darkwood doctor`, then `darkwood run --quick`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    rich_markup_mode="rich",
)
app.command()(run)
app.command()(leaderboard)
app.command()(trace)
app.command()(doctor)
app.add_typer(models, name="models")
app.add_typer(tasks, name="tasks")
