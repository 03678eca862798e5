"""Candidates for an answer, run over the question's own tables: which of them give the same?

No gold is here: what is compared is what a system can see for itself.
"""

from collections import defaultdict
from collections.abc import Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

import polars as pl

from darkwood_bench.assets.bank import Bank
from darkwood_bench.harness import Ran
from darkwood_bench.sandbox import Limits, Program, Sandbox
from darkwood_bench.validation import compare_frames

_LONGEST_S = Limits().wall_s


class CandidateRuns:
    """Runs programs over a suite's base data, and numbers the results of each task. A context
    manager."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self._open = ExitStack()
        self._sandboxes: dict[str, Sandbox] = {}
        self._results: defaultdict[str, list[pl.DataFrame]] = defaultdict(list)

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

    def run(self, task: Mapping[str, Any], code: str, left_s: float = _LONGEST_S) -> Ran:
        """Run a candidate for `left_s` at most; results that are equal, the order of rows aside,
        have one number.

        `task` is a row of the table tasks.
        """
        if left_s <= 0:
            return Ran(None)
        program = Program(code, {name: name for name in task["tables"]})
        execution = self._sandbox(task["suite"]).run(program, wall_s=min(left_s, _LONGEST_S))
        if execution.status != "ok" or execution.result is None:
            return Ran(None, execution.peak_memory_bytes)
        known = self._results[task["task_id"]]
        for number, result in enumerate(known):
            if compare_frames(execution.result, result) is None:
                return Ran(number, execution.peak_memory_bytes)
        known.append(execution.result)
        return Ran(len(known) - 1, execution.peak_memory_bytes)

    def _sandbox(self, suite: str) -> Sandbox:
        if suite not in self._sandboxes:
            sandbox = Sandbox(self._bank.tables[suite])
            self._sandboxes[suite] = self._open.enter_context(sandbox)
        return self._sandboxes[suite]
