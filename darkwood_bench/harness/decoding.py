"""How tokens are chosen, and what the engine is given to choose them with."""

import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


def physical_cores() -> int:
    """Physical cores that this process may use: its affinity and its cgroup quota counted in.

    A second thread on one core slows token generation down, so hyper-threads are not counted.
    """
    import psutil

    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    limits = [psutil.cpu_count(logical=False), allowed, _cgroup_cores()]
    return max(1, min(limit for limit in limits if limit))


def _cgroup_cores() -> int | None:
    """Whole cores of the cgroup v2 quota (`docker run --cpus`), None where there is none."""
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return max(1, int(quota) // int(period))
    except (OSError, ValueError):
        return None


@dataclass(frozen=True)
class Decoding:
    """One setting of the decoder; the fields are those of `tables.DECODING`."""

    temperature: float = 0.0
    """0 is greedy; above it, plain sampling at that temperature (no top-k, no top-p)."""
    max_tokens: int = 320
    """Tokens of an answer at most."""
    seed: int = 0
    context: int = 4096
    """Tokens that the engine has room for: prompt and answer together."""
    threads: int = field(default_factory=physical_cores)
    """CPU threads of the engine."""
    stop: tuple[str, ...] = ()
    """The answer ends before the first of these."""

    def row(self) -> dict[str, Any]:
        """The value of the `decoding` column."""
        return {**asdict(self), "stop": list(self.stop)}
