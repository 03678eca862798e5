"""What a stretch of time cost beside itself: energy, and how busy others kept the processor.

T is only the model's own where nothing else wants its cores. So each answer is measured with the
CPU time that other processes had, on the cores that this process may use, while it was made.
"""

import os
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from darkwood_bench.harness.hardware import gpu_energy_j

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_STAT = Path("/proc/stat")


@dataclass(frozen=True)
class Spent:
    """What came to pass between two moments."""

    wall_s: float
    cpu_s: float
    """CPU seconds of the processes that made the answer, over all their threads."""
    other_cpu_s: float
    """CPU seconds of processes that had no part in the answer; what a hypervisor took
    from the cores counts. Counted in ticks (10 ms): a sum over answers tells more than one."""
    energy_j: float | None
    """Of the whole GPU; None where it has no counter."""


class Stopwatch:
    """Starts when it is made; `spent` may be asked many times."""

    def __init__(self, members: Callable[[], list[int]], *, gpu: bool) -> None:
        """`members` gives the processes beside this one that are no others, as they are when
        asked."""
        self._members = members
        self._gpu = gpu
        self._own_s = self._own_cpu_s()
        self._busy_s = busy_cpu_s()
        self._energy_j = gpu_energy_j() if gpu else None
        self._began = time.perf_counter()  # last, so that reading counters is not in the time

    def spent(self) -> Spent:
        """What has come to pass since the start."""
        wall_s = time.perf_counter() - self._began
        energy_j = gpu_energy_j() if self._gpu else None
        if energy_j is not None and self._energy_j is not None:
            energy_j -= self._energy_j
        cpu_s = self._own_cpu_s() - self._own_s
        return Spent(wall_s, cpu_s, busy_cpu_s() - self._busy_s - cpu_s, energy_j)

    def _own_cpu_s(self) -> float:
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        ours = time.process_time() + ended.ru_utime + ended.ru_stime
        return ours + sum(_cpu_s(pid) for pid in self._members())


def busy_cpu_s() -> float:
    """Seconds since boot that the cores this process may use were busy, summed over them."""
    ours = {f"cpu{core}" for core in os.sched_getaffinity(0)}
    ticks = 0
    for line in _STAT.read_text().splitlines():
        name, *fields = line.split()
        if name in ours:
            user, nice, system, _idle, _wait, irq, softirq, steal = map(int, fields[:8])
            ticks += user + nice + system + irq + softirq + steal
    return ticks * _TICK_S


def _cpu_s(pid: int) -> float:
    """CPU seconds of a process and of its children that are over; 0 when it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0.0
    # Fields 14 to 17 of proc(5), counted after the name, which may hold spaces.
    return sum(map(int, stat.rpartition(")")[2].split()[11:15])) * _TICK_S
