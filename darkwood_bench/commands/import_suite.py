"""`darkwood import`: other people's questions as a suite."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from darkwood_bench.commands.terminal import err, fail, out, shown_progress
from darkwood_bench.progress import Progress, Report
from darkwood_bench.settings import settings_from_env

if TYPE_CHECKING:
    from darkwood_bench.tasks.importing import BadRow, Kind, RunOne


def import_suite(
    file: Annotated[Path, typer.Argument(help="Questions: the hackathon's JSON, or JSON lines.")],
    tables: Annotated[Path, typer.Option("--tables", help="The folder of the tables' files.")],
    suite: Annotated[str, typer.Option("--suite", "-s", help="The new suite's name.")],
    title: Annotated[str | None, typer.Option(help="What it is about.")] = None,
    licence: Annotated[str, typer.Option(help="Under which licence.")] = "not stated",
    keep_good: Annotated[
        bool, typer.Option("--keep-good", help="Leave bad rows out instead of stopping.")
    ] = False,
) -> None:
    """Make a suite of questions that others wrote, with their tables and gold code.

    Gold is run in the sandbox to learn what it gives. Every bad row is listed, and nothing is kept
    unless all are good, or --keep-good. Without oracles the gold stays unverified. Examples:

      darkwood import questions.json --tables data --suite hackathon

      darkwood import lines.jsonl --tables data --suite theirs --keep-good
    """
    from darkwood_bench.tasks import (
        Database,
        TaskBankError,
        build_database,
        importing,
        staged_suite,
        write_suite_file,
    )

    settings = settings_from_env()
    if not file.is_file():
        raise TaskBankError(f"{file}: no such file; name one with questions")
    if not tables.is_dir():
        raise TaskBankError(f"{tables}: no such folder; name the one with the tables' files")
    questions, bad = importing.read_questions(file, tables)
    with staged_suite(settings.datasets, suite) as folder, shown_progress() as report:
        answers = []
        if questions:
            title = title or f"Imported from {file.name}"
            write_suite_file(folder, title, licence, importing.TABLES)
            importing.write_tables(folder, importing.all_sources(questions))
            database = Database(suite, "files", {"path": importing.TABLES})
            built = build_database(database, folder, settings.cache)
            run = _runner(len(questions), report)
            answers, failed = importing.with_answers(questions, built, run)
            bad = sorted([*bad, *failed], key=lambda row: row.index)
        _print_bad(file, bad)
        if bad and not (keep_good and answers):
            what = "with --keep-good the others are kept" if answers else "no row can be used"
            fail(f"{file}: {len({row.index for row in bad})} bad rows, nothing imported; {what}")
        importing.write_tasks(folder, answers)
    _print_end(suite, len(answers), sum(a.question.oracle_sql is None for a in answers))


def _runner(total: int, report: Report) -> "RunOne":
    """Runs code that somebody else wrote: in the sandbox."""
    from darkwood_bench.sandbox import Sandbox

    done = 0

    def run(code: str, tables: Mapping[str, Path]) -> "tuple[Sequence[str], Kind]":
        nonlocal done
        report(Progress("import", "gold", done, total, unit="question"))
        with Sandbox(tables) as sandbox:
            execution = sandbox.run(code)
        done += 1
        report(Progress("import", "gold", done, total, unit="question"))
        if execution.result is None or execution.result_kind is None:
            message = (execution.error_message or "").strip().splitlines()
            raise ValueError(
                f"ends with {execution.status}"
                + (f" in line {execution.error_line}" if execution.error_line else "")
                + (f" ({execution.error_class}: {message[0]})" if message else "")
            )
        return execution.result.columns, execution.result_kind

    return run


def _print_bad(file: Path, bad: "Sequence[BadRow]") -> None:
    for row in bad:
        err.print(
            f"[red]{escape(str(file))}[/red]: question {row.index}: "
            f"{escape(f'{row.field}: {row.why}')}",
            highlight=False,
            soft_wrap=True,
        )


def _print_end(suite: str, kept: int, without_oracle: int) -> None:
    out.print(f"imported {kept} tasks as suite {suite}", highlight=False)
    if without_oracle:
        out.print(
            f"[yellow]{without_oracle} have no oracle: scores will call their gold unverified."
            "[/yellow] Add oracle_sql to tasks.jsonl to have it checked.",
            highlight=False,
            soft_wrap=True,
        )
    out.print(
        f"Next: `darkwood tasks check --suite {suite}`, `darkwood run --suite {suite}`",
        highlight=False,
    )
