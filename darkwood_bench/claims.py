"""One run at a time on a partition: the second waits, and says for whom.

A claim is a lock that the kernel frees when its process ends, however it ends; it lies on this
machine, beside the journals. Partitions are claimed in one order and before any place in the pool,
so that two runs cannot wait for one another.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

FOLDER = "claims"
WAIT_S = 1.0


@contextmanager
def claimed(
    store: Path, partitions: Iterable[tuple[str, str]], run_id: str, waiting: Callable[[str], None]
) -> Iterator[None]:
    """Hold partitions (model and variant) for a run; `waiting` is told once for each that is held.

    `waiting` may raise to give up. Raises OSError where a lock's file cannot be written.
    """
    with ExitStack() as held:
        for partition in sorted(set(partitions)):
            held.enter_context(_claim(_path(store, partition), partition, run_id, waiting))
        yield


def holder(store: Path, partition: tuple[str, str]) -> str | None:
    """The id of the run that holds a partition; None where nobody does."""
    path = _path(store, partition)
    try:
        lock = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _written(lock)
    finally:
        os.close(lock)
    return None


@contextmanager
def _claim(
    path: Path, partition: tuple[str, str], run_id: str, waiting: Callable[[str], None]
) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                model, variant = partition
                waiting(
                    f"{model}|{variant}: run {_written(lock)} is at work on it; this run goes on "
                    "when that one has ended"
                )
                time.sleep(WAIT_S)
        os.ftruncate(lock, 0)
        os.pwrite(lock, run_id.encode(), 0)
        yield
    finally:
        os.close(lock)


def _path(store: Path, partition: tuple[str, str]) -> Path:
    model, variant = partition
    return store / FOLDER / model / f"{variant}.lock"


def _written(lock: int) -> str:
    return os.pread(lock, 100, 0).decode(errors="replace") or "?"
