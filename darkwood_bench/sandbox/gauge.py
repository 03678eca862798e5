"""What a process has used, read from outside: it cannot forge these."""

import os
import re
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


_PIECE = 1 << 14
_PEAK_KIB = re.compile(rb"^VmHWM:\s*(\d+)", re.MULTILINE)
_THREADS = re.compile(rb"^Threads:\s*(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Held:
    """What a process holds; zeros once it is gone."""

    peak_resident_bytes: int = 0
    """The high-water mark since it was last reset; 0 where the system keeps none."""
    threads: int = 0


def held(process: int) -> Held:
    """As the system has it now."""
    status = content(f"/proc/{process}/status")
    # One that is ending has no memory, nor has one whose first thread has ended.
    peak, threads = _PEAK_KIB.search(status), _THREADS.search(status)
    return Held(int(peak[1]) * 1024 if peak else 0, int(threads[1]) if threads else 0)


def content(path: str) -> bytes:
    """What a small file of /proc says; nothing once it is gone. A file object would cost more than
    all else that is done with an execution's figures."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.read(descriptor, _PIECE)
    except OSError:
        return b""
    finally:
        os.close(descriptor)


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
