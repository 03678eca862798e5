"""How many processors are this process's to use."""

import os
from pathlib import Path


def usable_cores() -> int:
    """Logical processors that this process may use: affinity and cgroup quota counted in."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(limit for limit in (allowed, _cgroup_cores()) if limit))


def physical_cores() -> int:
    """Of the usable ones, at most as many as there are physical cores.

    A second thread on one core slows token generation down, so hyper-threads are not counted.
    """
    import psutil

    return min(usable_cores(), psutil.cpu_count(logical=False) or usable_cores())


def _cgroup_cores() -> int | None:
    """Whole cores of the cgroup v2 quota (`docker run --cpus`), None where there is none."""
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return max(1, int(quota) // int(period))
    except (OSError, ValueError):
        return None
