"""`darkwood`: run the benchmark, look at what it found, and trace a score back to its code."""

import sys
import warnings

import typer

from darkwood_bench.commands.compare import compare
from darkwood_bench.commands.doctor import doctor
from darkwood_bench.commands.exec import exec_
from darkwood_bench.commands.export import export
from darkwood_bench.commands.import_suite import import_suite
from darkwood_bench.commands.leaderboard import leaderboard
from darkwood_bench.commands.mcp import mcp
from darkwood_bench.commands.models import models
from darkwood_bench.commands.nightly import nightly
from darkwood_bench.commands.pass_at_k import pass_at_k
from darkwood_bench.commands.purge import purge
from darkwood_bench.commands.regressions import regressions
from darkwood_bench.commands.report import report
from darkwood_bench.commands.reproduce import reproduce
from darkwood_bench.commands.run import run
from darkwood_bench.commands.score_history import history
from darkwood_bench.commands.serve import serve
from darkwood_bench.commands.tasks import tasks
from darkwood_bench.commands.terminal import let_help_flow, say_error
from darkwood_bench.commands.trace import trace
from darkwood_bench.commands.ui import ui
from darkwood_bench.export import ExportError
from darkwood_bench.harness import BackendError, RegistryError, WeightsError
from darkwood_bench.journal import JournalError
from darkwood_bench.prompting import VariantError
from darkwood_bench.report import ReportError
from darkwood_bench.sandbox import ResultStoreError, SandboxError
from darkwood_bench.score_history import UnknownScore
from darkwood_bench.settings import SettingsError
from darkwood_bench.storage import TableError
from darkwood_bench.tasks import DatabaseError, TaskBankError

BOUNDARY_ERRORS = (
    BackendError,
    ExportError,
    JournalError,
    OSError,
    RegistryError,
    ReportError,
    ResultStoreError,
    SandboxError,
    SettingsError,
    TableError,
    UnknownScore,
    VariantError,
    WeightsError,
)
"""What a user, a file or the machine can cause: their message is the whole story.

TaskBankError is one too; it may have more than one line to say.
"""

AS_WRITTEN = (RegistryError, SettingsError, UnknownScore, VariantError)
"""Of these, the mistakes in what a user wrote; the others are of files and machines at work."""

app = typer.Typer(
    name="darkwood",
    help=(
        "Measure how well a language model, with its prompt, turns questions about tables into "
        "correct, fast Polars code, and at what cost: Score = N / (T × VRAM^0.1 × RAM^0.01)."
    ),
    epilog=(
        "Start with `darkwood doctor`, then `darkwood run --quick`. Exit codes: 0 done, 1 it "
        "failed or the answer is no, 2 asked wrongly, 3 (exec) the program did not end ok."
    ),
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    add_completion=False,
    pretty_exceptions_show_locals=False,
    rich_markup_mode="rich",
)
app.command()(run)
app.command()(leaderboard)
app.command()(report)
app.command()(trace)
app.command()(ui)
app.command()(compare)
app.command()(history)
app.command()(pass_at_k)
app.command()(regressions)
app.command()(reproduce)
app.command()(export)
app.command("exec")(exec_)
app.command()(serve)
app.command()(mcp)
app.command()(doctor)
app.command()(purge)
app.command("import")(import_suite)
app.add_typer(nightly, name="nightly")
app.add_typer(models, name="models")
app.add_typer(tasks, name="tasks")
for group in (app, models, nightly, tasks):
    let_help_flow(group)


def main() -> None:
    """The command line; an error that a user can mend is one line.

    Exit codes: 0 done; 1 it was tried and failed, or the answer is no (a run, regressions,
    reproduce, doctor, checks); 2 what was asked for is not there or not right as it is written
    (options, names, registries, the task bank); 3 of `exec`: the program did not end ok; 130
    Ctrl-C. docs/architecture.md has them.
    """
    # Dagster's notes to its early users, seen here because assets and checks use new features.
    warnings.filterwarnings("ignore", message=r".*is currently in (beta|preview)")
    try:
        app()
    except TaskBankError as error:
        for problem in error.problems:
            say_error(problem)
        sys.exit(1 if isinstance(error, DatabaseError) else 2)
    except BOUNDARY_ERRORS as error:
        say_error(str(error))
        sys.exit(2 if isinstance(error, AS_WRITTEN) else 1)
