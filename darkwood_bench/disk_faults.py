"""A disk that is full, said in one line with the way out of it."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import OperationalError

_FULL = re.compile(
    r"No space left on device|Disk quota exceeded|File too large|database or disk is full"
)
_WAY_OUT = "the disk is full; finished answers are kept: free some space and run the same again"
_TOO_LITTLE = 1_000_000
"""Bytes: below them SQLite fails in ways that do not speak of space."""


def with_way_out(reason: str) -> str:
    """A reason, with what to do where it is a full disk."""
    return f"{reason}; {_WAY_OUT}" if _FULL.search(reason) else reason


@contextmanager
def disk_faults_named(home: Path) -> Iterator[None]:
    """Raise OSError, in one line, for what Dagster's own storage in `home` makes of a full disk."""
    try:
        yield
    except OperationalError as error:
        reason = f"{home}: Dagster's storage: {error.orig}"
        if not _FULL.search(reason) and shutil.disk_usage(home).free < _TOO_LITTLE:
            reason += f"; {_WAY_OUT}"
        raise OSError(with_way_out(reason)) from error
    except OSError as error:
        if not _FULL.search(str(error)):
            raise
        raise OSError(with_way_out(str(error))) from error
