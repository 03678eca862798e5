"""Temporary folders that no process leaves behind for long.

Each is removed by who made it. A process that is killed leaves its own; their names say whose they
are, so that a later one can remove them.
"""

import re
import shutil
import tempfile
from pathlib import Path

import psutil

_CLOCK_S = 2
"""By how much the start of a process, read twice, may differ: clocks are set."""


def make_temporary(prefix: str) -> Path:
    """A new folder of this process's, for nobody else to read. Raises OSError where there is no
    place for one."""
    process = psutil.Process()
    return Path(tempfile.mkdtemp(prefix=f"{prefix}{process.pid}-{int(process.create_time())}-"))


def sweep_temporary(prefix: str) -> None:
    """Remove what processes that are no more left behind, as far as it is this user's."""
    named = re.compile(rf"{re.escape(prefix)}(?P<pid>\d+)-(?P<started>\d+)-.+")
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        name = named.fullmatch(folder.name)
        if name is not None and not _is_alive(int(name["pid"]), int(name["started"])):
            shutil.rmtree(folder, ignore_errors=True)


def _is_alive(pid: int, started: int) -> bool:
    try:
        return abs(psutil.Process(pid).create_time() - started) <= _CLOCK_S
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True
