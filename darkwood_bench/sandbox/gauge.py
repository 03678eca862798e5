"""What a process has used, read from outside: it cannot forge these."""

import time
from dataclasses import dataclass
from pathlib import Path

import psutil


def cpu_seconds(process: int) -> float:
    """CPU time of all threads so far, to the nanosecond; 0 once the process is gone."""
    try:
        # The clock id of another process's CPU time: clock_getcpuclockid(3), by its definition.
        return time.clock_gettime((~process << 3) | 2)
    except OSError:
        return 0.0


@dataclass(frozen=True)
class Held:
    """What a process holds; zeros once it is gone."""

    peak_resident_bytes: int = 0
    """The high-water mark since it was last reset; 0 where the system keeps none."""
    threads: int = 0


def held(process: int) -> Held:
    """As the system has it now."""
    try:
        text = Path(f"/proc/{process}/status").read_text("ascii", "replace")
    except OSError:
        return Held()
    fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    # One that is ending has no memory, nor has one whose first thread has ended.
    peak_kib = fields.get("VmHWM", "0").split()[0]
    return Held(int(peak_kib) * 1024, int(fields.get("Threads", "0")))


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
