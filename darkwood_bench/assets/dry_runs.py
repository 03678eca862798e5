"""Programs run over empty tables of the right types: what fails there fails on any data."""

import re
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import polars as pl

from darkwood_bench.assets.bank import Bank
from darkwood_bench.harness import Checked, Problem
from darkwood_bench.sandbox import Execution, Limits, Program, Sandbox

_FAILS_ON_ANY_DATA = {
    *("NameError", "UnboundLocalError", "AttributeError", "AttributeRemovedError"),
    *("ColumnNotFoundError", "StructFieldNotFoundError", "SchemaError", "DuplicateError"),
    *("InvalidOperationError", "FileNotFoundError", "ImportError", "ModuleNotFoundError"),
    *("TypeError",),
}
"""Errors of names, types and arguments. Values may be wanting where a table is empty, so others
(ValueError, IndexError, …) say nothing."""
_OF_TYPES = re.compile(r"cannot compare|not supported|unsupported|dtype")
"""What ComputeError, Polars' broadest, says of types."""
_OF_VALUES = re.compile(r"NoneType|'None'")
"""An aggregate of no rows is None."""
_COLUMNS_OF_VALUES = re.compile(r"\.(pivot|to_dummies|transpose|unstack|to_struct|partition_by)\(")
"""What makes columns out of values makes none out of no values."""

_LONGEST_S = Limits().wall_s


class DryRuns:
    """Runs programs over a suite's tables without their rows. A context manager."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self._open = ExitStack()
        folder = tempfile.TemporaryDirectory(prefix="darkwood-dry-")
        self._folder = Path(self._open.enter_context(folder))
        self._sandboxes: dict[str, Sandbox] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def prepare(self, task: Mapping[str, Any]) -> None:
        """Have a sandbox for the task's suite ready, so that no answer's time has its start."""
        self._sandbox(task["suite"]).run("result = 0")

    def check(self, task: Mapping[str, Any], code: str, left_s: float = _LONGEST_S) -> Checked:
        """Try a program, for `left_s` at most: does it fail whatever the tables hold?

        `task` is a row of the table tasks. What does not end in time says nothing.
        """
        if left_s <= 0:
            return Checked(None)
        program = Program(code, {name: name for name in task["tables"]})
        execution = self._sandbox(task["suite"]).run(program, wall_s=min(left_s, _LONGEST_S))
        return Checked(problem_of(code, execution), execution.peak_memory_bytes)

    def _sandbox(self, suite: str) -> Sandbox:
        if suite not in self._sandboxes:
            folder = self._folder / suite
            folder.mkdir()
            tables = {}
            for name, path in self.bank.tables[suite].items():
                tables[name] = folder / f"{name}.parquet"
                pl.DataFrame(schema=pl.read_parquet_schema(path)).write_parquet(tables[name])
            self._sandboxes[suite] = self._open.enter_context(Sandbox(tables))
        return self._sandboxes[suite]


def problem_of(code: str, execution: Execution) -> Problem | None:
    """What an execution over empty tables says of a program; None where it says nothing."""
    status, error = execution.status, execution.error_class
    message = execution.error_message or ""
    if _OF_VALUES.search(message):
        return None
    if status == "runtime_error":
        of_types = error == "ComputeError" and _OF_TYPES.search(message)
        if error not in _FAILS_ON_ANY_DATA and not of_types:
            return None
        if error in ("ColumnNotFoundError", "SchemaError") and _COLUMNS_OF_VALUES.search(code):
            return None
    elif status not in ("syntax_error", "no_result", "wrong_type"):
        return None
    lines = code.split("\n")
    number = execution.error_line
    line = lines[number - 1] if number and number <= len(lines) else None
    return Problem("no_result" if status == "wrong_type" else status, error, message, line)
