"""An append-only journal of finished work, so that a killed run resumes and repeats nothing.

One JSON object a line; each line reaches the disk before `append` returns. A torn last line, left
by a kill in the middle of a write, is cut off when the journal is next opened for writing.
`compact` moves the lines into a Parquet file beside it, `<name>.parquet`, and leaves an empty tail;
a kill in the middle of that leaves rows in both, and the same rows are read.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from darkwood_bench.journal_archive import read_archive, write_archive


class JournalError(Exception):
    """A journal was edited, or its disk failed: a broken line is not its last, its Parquet file is
    broken, or the system does not let it be read."""


class Journal:
    """Rows keyed by one of their fields; a later row of the same key replaces the earlier one."""

    def __init__(self, path: Path, key: str) -> None:
        self.path = path
        self.key = key

    def read(self) -> dict[str, dict[str, Any]]:
        """All rows by key, in the order of their first writing.

        Raises JournalError, naming file and line, for a broken line before the last, and for a
        broken archive.
        """
        rows: dict[str, dict[str, Any]] = {}
        try:
            # The tail first: what is moved out of it meanwhile is in the archive by then.
            tail = self._tail()
            for row in read_archive(self.archive):
                rows[row[self.key]] = row
        except OSError as error:
            raise JournalError(
                f"{error.filename or self.path}: cannot be read ({error.strerror}); finished work "
                "is still in it: let the user who runs darkwood read and write it, and run again"
            ) from error
        except (ValueError, KeyError) as error:
            raise JournalError(
                f"{self.archive}: not an archive with '{self.key}' ({error}); delete it, and its "
                "work is done again"
            ) from error
        return rows | tail

    @property
    def archive(self) -> Path:
        """The Parquet file of the rows that were compacted."""
        return self.path.with_suffix(".parquet")

    def _tail(self) -> dict[str, dict[str, Any]]:
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return {}
        complete = data[: data.rfind(b"\n") + 1]
        rows: dict[str, dict[str, Any]] = {}
        for number, line in enumerate(complete.splitlines(), start=1):
            try:
                row = json.loads(line)
                rows[row[self.key]] = row
            except (ValueError, KeyError, TypeError) as error:
                raise JournalError(
                    f"{self.path}:{number}: not a journal row with '{self.key}' ({error}); "
                    "delete this line, and only its work is done again"
                ) from error
        return rows

    def compact(self) -> None:
        """Move what was appended into the archive, one row a key. Writers wait meanwhile.

        Raises JournalError as `read` does, and OSError when the disk refuses it.
        """
        if not self.path.exists():
            return
        with self._locked() as descriptor:
            if os.lseek(descriptor, 0, os.SEEK_CUR) == 0:
                return
            write_archive(self.archive, list(self.read().values()))
            os.ftruncate(descriptor, 0)
            os.fsync(descriptor)

    def append(self, row: Mapping[str, Any]) -> None:
        """Write one row and flush it to the disk.

        Raises OSError, naming the file, when the disk refuses it: what was appended before stands.
        """
        line = json.dumps(row, ensure_ascii=False, separators=(",", ":"), allow_nan=True)
        try:
            with self._locked() as descriptor:
                _write_all(descriptor, line.encode() + b"\n")
                os.fsync(descriptor)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self.path)) from error

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """The file at its end, locked against other writers, cut back to its last whole line."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            end = os.lseek(descriptor, 0, os.SEEK_END)
            os.ftruncate(descriptor, _last_whole_line(descriptor, end))
            os.lseek(descriptor, 0, os.SEEK_END)
            yield descriptor
        finally:
            os.close(descriptor)


def _last_whole_line(descriptor: int, end: int) -> int:
    """Offset just past the last newline of an open file of `end` bytes."""
    block = 65_536
    while end > 0:
        start = max(0, end - block)
        position = os.pread(descriptor, end - start, start).rfind(b"\n")
        if position >= 0:
            return start + position + 1
        end = start
    return 0


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
