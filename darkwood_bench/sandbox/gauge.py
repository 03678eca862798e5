"""What a process has used, read from outside: it cannot forge these."""

import sys
import time
from pathlib import Path

import psutil


def cpu_seconds(process: int) -> float:
    """CPU time of all threads so far, to the nanosecond; 0 once the process is gone."""
    if sys.platform != "linux":
        return _portable_cpu_seconds(process)
    try:
        # The clock id of another process's CPU time: clock_getcpuclockid(3), by its definition.
        return time.clock_gettime((~process << 3) | 2)
    except OSError:
        return 0.0


def peak_resident_bytes(process: int) -> int:
    """The high-water mark of resident memory since it was last reset; 0 once the process is gone.

    Where the system keeps no such mark, what is resident now.
    """
    try:
        for line in Path(f"/proc/{process}/status").read_text("ascii", "replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        return 0
    return 0


def only_child(process: int) -> int | None:
    """The one child of a process, as the caller sees it; None when there is not exactly one."""
    path = Path(f"/proc/{process}/task/{process}/children")
    try:
        children = [int(word) for word in path.read_text("ascii").split()]
    except (OSError, ValueError):
        try:
            children = [child.pid for child in psutil.Process(process).children()]
        except psutil.Error:
            return None
    return children[0] if len(children) == 1 else None


def _portable_cpu_seconds(process: int) -> float:
    try:
        times = psutil.Process(process).cpu_times()
    except psutil.Error:
        return 0.0
    return times.user + times.system
