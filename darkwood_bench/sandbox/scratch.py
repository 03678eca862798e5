"""Folders that programs start in where there is no namespace to mount one in.

Each is removed when its program ends. A supervisor that is killed leaves its own behind; their
names say whose they are, so that a later one can remove them.
"""

import re
import shutil
import tempfile
from pathlib import Path

import psutil

_PREFIX = "darkwood-scratch-"
_NAME = re.compile(rf"{_PREFIX}(?P<pid>\d+)-(?P<started>\d+)-.+")
_CLOCK_S = 2
"""By how much the start of a process, read twice, may differ: clocks are set."""


def make_scratch() -> Path:
    """A new folder of this process's. Raises OSError where there is no place for one."""
    process = psutil.Process()
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{process.pid}-{int(process.create_time())}-"))


def sweep_scratch() -> None:
    """Remove what supervisors that are no more left behind, as far as it is this user's."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        name = _NAME.fullmatch(folder.name)
        if name is not None and not _is_alive(int(name["pid"]), int(name["started"])):
            shutil.rmtree(folder, ignore_errors=True)


def _is_alive(pid: int, started: int) -> bool:
    try:
        return abs(psutil.Process(pid).create_time() - started) <= _CLOCK_S
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True
