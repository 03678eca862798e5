"""Whether an answer's code runs: over the request's data, or over tables without rows."""

from collections.abc import Mapping
from dataclasses import dataclass

from darkwood_bench.assets.dry_runs import problem_of
from darkwood_bench.copilot.errors import NoData
from darkwood_bench.copilot.models import ExecutionFigures, RunOn
from darkwood_bench.copilot.paths import without_paths
from darkwood_bench.copilot.runner import NotRun, Runner
from darkwood_bench.copilot.tables import Data, Empty, Table, known_columns
from darkwood_bench.harness import Problem
from darkwood_bench.sandbox import Execution

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
    notes: tuple[str, ...] = ()
    """What it was run over, where that is not what was asked for, and why."""

    @property
    def verified(self) -> bool:
        """Whether it ran to its end without an error."""
        return self.reason is None


async def verify(
    runner: Runner, code: str, tables: Mapping[str, Table], run_on: RunOn
) -> Verification:
    """Run a program over the data of all tables, or where that of one cannot be had, or none is
    wanted, over all of them without rows. Raises Refused where too many wait for the sandbox."""
    try:
        if run_on == "empty_frames" or not any(table.data for table in tables.values()):
            return await _verified(runner, code, _empty(tables), "empty_frames", ())
        try:
            found = await _verified(runner, code, _data(tables), "data", ())
        except NoData as error:
            note = f"{error}: run over tables without rows"
        else:
            if (note := _unreadable(found.execution)) is None:
                return found
        try:
            return await _verified(runner, code, _empty(tables), "empty_frames", (note,))
        except NoData as error:
            return Verification(None, None, f"{note}; not verified: {error}")
    except NoData as error:
        return Verification(None, None, f"not verified: {error}")
    except NotRun as error:
        return Verification(None, None, str(error))


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


async def _verified(
    runner: Runner, code: str, tables: Mapping[str, Data], on: RunOn, notes: tuple[str, ...]
) -> Verification:
    execution = without_paths(await runner.run(code, tables), code)
    if execution.status == "ok":
        return Verification(execution, on, None, notes=notes)
    problem = _problem(code, execution, on)
    said = Problem(execution.status, execution.error_class, execution.error_message).summary
    if on == "empty_frames" and problem is None:
        said = (
            f"fails over tables without rows, which need not mean that it fails over yours: {said}"
        )
    return Verification(execution, on, said, problem, notes)


def _data(tables: Mapping[str, Table]) -> dict[str, Data]:
    """Raises NoData for a table without any."""
    found = {name: table.data for name, table in tables.items() if table.data is not None}
    if missing := next((name for name in tables if name not in found), None):
        raise NoData(f"{missing} has no data here")
    return found


def _empty(tables: Mapping[str, Table]) -> dict[str, Data]:
    """Raises NoData where not all columns and their dtypes are known."""
    return {name: Empty(name, known_columns(name, table)) for name, table in tables.items()}


def _unreadable(execution: Execution | None) -> str | None:
    """Which table it was, where one could not be read before the program began."""
    message = (execution.error_message if execution else None) or ""
    if message.startswith("table ") and " cannot be read: " in message:
        return message.split(":")[0]
    return None


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
