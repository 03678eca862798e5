"""What an execution is, once it has ended."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean, pstdev
from typing import Literal

import polars as pl

Status = Literal[
    "ok",
    "syntax_error",
    "runtime_error",
    "no_result",
    "wrong_type",
    "exited_early",
    "timeout",
    "cpu_limit",
    "oom",
    "output_limit",
    "result_too_large",
    "forbidden_syscall",
    "payload_invalid",
    "crash",
    "killed",
    "setup_failed",
    "zygote_lost",
]
ResultKind = Literal["frame", "lazy", "series", "scalar"]


@dataclass(frozen=True)
class Execution:
    """How a program ended. All but the measurements is what the program itself said."""

    status: Status
    isolation_level: str
    """L3 (strongest) to L0, see `isolation`."""
    layers: tuple[str, ...]
    error_class: str | None = None
    """The class of the exception that ended it."""
    error_message: str | None = None
    """At most a few thousand characters."""
    error_line: int | None = None
    """The line of the code that raised, from 1."""
    result: pl.DataFrame | None = field(default=None, repr=False)
    result_kind: ResultKind | None = None
    """What `result` was before it became a frame."""
    wall_s: float = 0.0
    """From handing over the code to its end, on the supervisor's clock."""
    cpu_s: float = 0.0
    """The child's CPU clock over the same time, all its threads, read from outside."""
    peak_memory_bytes: int = 0
    """Peak resident memory above the warmed-up child's, read from outside."""
    stdout: str = field(default="", repr=False)
    stderr: str = field(default="", repr=False)


@dataclass(frozen=True)
class Measured:
    """Repeated measurements of one program."""

    cpu_s: tuple[float, ...]
    peak_memory_bytes: tuple[int, ...]

    @classmethod
    def of(cls, executions: Sequence[Execution]) -> "Measured":
        """The measurements of several executions of one program."""
        return cls(
            tuple(execution.cpu_s for execution in executions),
            tuple(execution.peak_memory_bytes for execution in executions),
        )

    @property
    def best_cpu_s(self) -> float:
        """The least CPU time: noise on a shared machine only ever adds."""
        return min(self.cpu_s)

    @property
    def best_memory_bytes(self) -> int:
        return min(self.peak_memory_bytes)

    @property
    def cpu_spread(self) -> float:
        """Standard deviation of CPU times over their mean (coefficient of variation)."""
        mean = fmean(self.cpu_s)
        return pstdev(self.cpu_s) / mean if mean else 0.0


CPU_FLOOR_S = 0.001
"""Differences below a millisecond are the interpreter's, not the query's."""
MEMORY_FLOOR_BYTES = 1 << 20


@dataclass(frozen=True)
class Comparison:
    """A program measured against a reference, in fresh children, turn by turn."""

    code: Measured
    reference: Measured

    @property
    def cpu_ratio(self) -> float:
        """Least CPU time over the reference's, each at least CPU_FLOOR_S."""
        code, reference = self.code.best_cpu_s, self.reference.best_cpu_s
        return max(code, CPU_FLOOR_S) / max(reference, CPU_FLOOR_S)

    @property
    def memory_ratio(self) -> float:
        """Least peak memory over the reference's, each at least MEMORY_FLOOR_BYTES."""
        code, reference = self.code.best_memory_bytes, self.reference.best_memory_bytes
        return max(code, MEMORY_FLOOR_BYTES) / max(reference, MEMORY_FLOOR_BYTES)
