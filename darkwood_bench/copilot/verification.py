"""Whether an answer's code runs: over the request's data, or over tables without rows."""

from collections.abc import Mapping
from dataclasses import dataclass

from darkwood_bench.assets.dry_runs import problem_of
from darkwood_bench.copilot.errors import NoData
from darkwood_bench.copilot.models import ExecutionFigures, RunOn
from darkwood_bench.copilot.runner import NotRun, Runner
from darkwood_bench.copilot.tables import Table, empty
from darkwood_bench.harness import Problem
from darkwood_bench.sandbox import Brought, Execution

_MAY_BE_MENDED = {"syntax_error", "runtime_error", "no_result", "wrong_type", "exited_early"}
"""Ends that the model can be told of; a program that took too long says nothing of how to."""


@dataclass(frozen=True)
class Verification:
    """What came of running a program."""

    execution: Execution | None
    on: RunOn | None
    """What it ran over; None where it was not run."""
    reason: str | None
    """Why it is not verified; None where it is."""
    problem: Problem | None = None
    """What the model may be told, where asking it again may help."""

    @property
    def verified(self) -> bool:
        """Whether it ran to its end without an error."""
        return self.reason is None


@dataclass(frozen=True)
class Prepared:
    """The tables of a request as programs get them."""

    tables: Mapping[str, Brought] | None
    """None where programs cannot be run over them."""
    on: RunOn
    notes: tuple[str, ...]
    """What is not as it was asked for."""


def prepare(tables: Mapping[str, Table], run_on: RunOn) -> Prepared:
    """The data of all tables, or where one has none, or none is wanted, all of them empty.

    Reads files: for a thread.
    """
    notes = []
    if run_on == "data" and any(table.data is not None for table in tables.values()):
        try:
            return Prepared(
                {name: _data(name, table) for name, table in tables.items()}, "data", ()
            )
        except NoData as error:
            notes.append(str(error))
    return _empty(tables, notes)


async def verify(runner: Runner, code: str, prepared: Prepared) -> Verification:
    """Run a program. Raises Refused where too many wait for the sandbox."""
    if prepared.tables is None:
        return Verification(None, None, "; ".join(prepared.notes))
    try:
        execution = await runner.run(code, prepared.tables)
    except NotRun as error:
        return Verification(None, None, str(error))
    if execution.status == "ok":
        return Verification(execution, prepared.on, None)
    problem = _problem(code, execution, prepared.on)
    said = Problem(execution.status, execution.error_class, execution.error_message).summary
    if prepared.on == "empty_frames" and problem is None:
        said = (
            f"fails over tables without rows, which need not mean that it fails over yours: {said}"
        )
    return Verification(execution, prepared.on, said, problem)


def unreadable(execution: Execution | None) -> bool:
    """Whether it was a table that could not be read, before the program began."""
    message = (execution.error_message if execution else None) or ""
    return message.startswith("table ") and " cannot be read: " in message


def without_rows(tables: Mapping[str, Table], note: str) -> Prepared:
    """The same tables without rows, and why."""
    return _empty(tables, [note])


def figures(execution: Execution) -> ExecutionFigures:
    """How a program ended, as the service says it."""
    return ExecutionFigures(
        status=execution.status,
        error_class=execution.error_class,
        error_message=execution.error_message,
        error_line=execution.error_line,
        wall_s=execution.wall_s,
        cpu_s=execution.cpu_s,
        peak_memory_bytes=execution.peak_memory_bytes,
        isolation_level=execution.isolation_level,
    )


def _empty(tables: Mapping[str, Table], notes: list[str]) -> Prepared:
    try:
        made = {}
        for name, table in tables.items():
            if table.columns is None:
                raise NoData(f"the columns of {name} are not known")
            made[name] = empty(table.columns)
    except NoData as error:
        return Prepared(None, "empty_frames", (*notes, f"not verified: {error}"))
    return Prepared(made, "empty_frames", tuple(notes))


def _data(name: str, table: Table) -> Brought:
    if table.data is None:
        raise NoData(f"{name} has no data here: run over tables without rows")
    try:
        return table.data.read()
    except NoData as error:
        raise NoData(f"{name}: {error}") from None


def _problem(code: str, execution: Execution, on: RunOn) -> Problem | None:
    """What the model may be told of a program that fails."""
    if on == "empty_frames":
        return problem_of(code, execution)
    if execution.status not in _MAY_BE_MENDED:
        return None
    lines, number = code.split("\n"), execution.error_line
    line = lines[number - 1] if number and number <= len(lines) else None
    status = "no_result" if execution.status == "wrong_type" else execution.status
    return Problem(status, execution.error_class, execution.error_message, line)
