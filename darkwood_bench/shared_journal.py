"""A journal that outlives its machine: written here, uploaded in whole parts every few seconds.

Under `<shared>/journal/<name>/` each session (one opening of a journal) has objects of its own:

- `<session>.<part>.jsonl`: what it appended, a MiB a part. The newest part is put again, whole, as
  it grows; objects are replaced whole, in a folder as in a store, so nobody reads half of one.
- `<session>.parquet`: all of it, put when the session ends; its parts are deleted then.

A reader takes them all. A process that was killed leaves its file on its disk, which the next
session on that machine publishes; a machine that is lost loses what it appended since the last
upload. A session's name begins with its time, and of two rows with one key the later session's
stands, so machines' clocks should agree to the second.
"""

import fcntl
import json
import logging
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from upath import UPath

from darkwood_bench.journal import Journal, JournalError
from darkwood_bench.journal_archive import archive_bytes, archived_rows
from darkwood_bench.storage import write_whole

UPLOAD_EVERY_S = 3.0
PART_BYTES = 1 << 20
FOLD_AT = 32
"""Sessions that have ended, from which on they are joined into one object."""
_LISTINGS = 5
"""How often objects are listed again when one is gone that was there: a session ended meanwhile."""
_log = logging.getLogger(__name__)

Rows = dict[str, dict[str, Any]]


class SharedJournal(Journal):
    """A journal of many machines. A context manager: what it holds is published at its end.

    `read` gives what was there when it was opened, and what this session appended since.
    """

    def __init__(
        self, folder: Path, shared: UPath, key: str, upload_every_s: float = UPLOAD_EVERY_S
    ) -> None:
        """`folder`: this machine's, one a journal; `shared`: the same for all machines."""
        self.session = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{uuid4().hex[:8]}"
        super().__init__(folder / f"{self.session}.jsonl", key)
        self._folder = folder
        self._shared = shared
        self._every_s = upload_every_s
        self._rows: Rows = {}
        self._ended = threading.Event()
        self._uploader = threading.Thread(target=self._upload_until_ended, daemon=True)
        self._uploaded = 0
        """Bytes of the file that are in parts that will not change."""
        self._part = 0
        self._put = 0
        """Bytes of the file that are in any part."""

    def __enter__(self) -> Self:
        """Publish what killed sessions left on this machine, and read everything.

        Raises JournalError when the store cannot be read.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock = self.path.with_suffix(".lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            for left in sorted(self._folder.glob("*.jsonl")):
                self._publish_left(left)
            self._rows = self._read_shared()
        except JournalError:
            raise
        except Exception as error:
            # Whatever the store's client raises, of its own or of its HTTP library's.
            raise JournalError(
                f"{self._shared}: cannot be read ({error}); see `darkwood doctor --cluster`"
            ) from error
        self._uploader.start()
        return self

    def __exit__(
        self,
        error_class: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._uploader.join()
        try:
            self._publish(self.path)
            self._fold()
        except Exception as failure:
            raise JournalError(
                f"{self._shared}: cannot be written ({failure}); the rows are kept in {self.path}, "
                "and the next run on this machine uploads them"
            ) from failure
        finally:
            self._lock.close()
        self.path.with_suffix(".lock").unlink(missing_ok=True)

    def read(self) -> Rows:
        """All rows by key, in the order of their first writing."""
        return dict(self._rows)

    def append(self, row: Mapping[str, Any]) -> None:
        """Write one row to this machine's disk; it is uploaded within seconds."""
        super().append(row)
        self._rows[row[self.key]] = dict(row)

    def compact(self) -> None:
        """Nothing: a session becomes one Parquet object when it ends."""

    def _upload_until_ended(self) -> None:
        while not self._ended.wait(self._every_s):
            try:
                self._upload()
            except Exception as error:  # the rows stay here, and are tried again
                _log.warning("%s: upload failed, trying again: %s", self._shared, error)

    def _upload(self) -> None:
        """Put the lines that came since into the newest part."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            file.seek(self._uploaded)
            data = file.read()
        data = data[: data.rfind(b"\n") + 1]
        if self._uploaded + len(data) <= self._put:
            return
        write_whole(self._object(f"{self.session}.{self._part:06d}.jsonl"), data)
        self._put = self._uploaded + len(data)
        if len(data) >= PART_BYTES:
            self._uploaded, self._part = self._put, self._part + 1

    def _publish_left(self, file: Path) -> None:
        """Publish the file of a session of this machine, unless it still runs."""
        lock = file.with_suffix(".lock")
        with _free(lock) as free:
            if free:
                self._publish(file)
                lock.unlink(missing_ok=True)

    def _publish(self, file: Path) -> None:
        """Put a session's rows as one object, and remove its parts and its file."""
        rows = Journal(file, self.key).read()
        if rows:
            write_whole(self._object(f"{file.stem}.parquet"), archive_bytes(list(rows.values())))
        for name in self._names():
            if name.startswith(f"{file.stem}.") and name.endswith(".jsonl"):
                self._object(name).unlink(missing_ok=True)
        file.unlink(missing_ok=True)

    def _fold(self) -> None:
        """Join the sessions that have ended, where there are many, into one object.

        Two machines may do so at once: nothing is deleted that is not in a joint object by then.
        """
        names = [name for name in self._names() if name.endswith(".parquet")]
        if len(names) < FOLD_AT:
            return
        try:
            rows = _joined(self._key_rows(name) for name in names)
        except FileNotFoundError:
            return  # another machine is at it
        joint = f"{names[-1].removesuffix('.parquet')}-{uuid4().hex[:8]}.parquet"
        write_whole(self._object(joint), archive_bytes(list(rows.values())))
        for name in names:
            self._object(name).unlink(missing_ok=True)

    def _read_shared(self) -> Rows:
        for attempt in range(_LISTINGS):
            try:
                return _joined(self._key_rows(name) for name in self._names())
            except FileNotFoundError:
                if attempt == _LISTINGS - 1:
                    raise
        raise AssertionError("unreachable")

    def _names(self) -> list[str]:
        """The objects' names, oldest session first."""
        self._shared.fs.invalidate_cache()
        if not self._shared.exists():
            return []
        names = [path.name for path in self._shared.iterdir()]
        return sorted(name for name in names if name.endswith((".jsonl", ".parquet")))

    def _key_rows(self, name: str) -> Rows:
        data = self._object(name).read_bytes()
        try:
            found: Iterable[dict[str, Any]] = (
                archived_rows(data)
                if name.endswith(".parquet")
                else (json.loads(line) for line in data.splitlines())
            )
            return {row[self.key]: row for row in found}
        except (ValueError, KeyError, TypeError) as error:
            raise JournalError(
                f"{self._shared / name}: not rows with '{self.key}' ({error}); delete it, and its "
                "work is done again"
            ) from error

    def _object(self, name: str) -> UPath:
        if self._shared.protocol in ("", "file"):
            self._shared.mkdir(parents=True, exist_ok=True)
        return self._shared / name


@contextmanager
def _free(lock: Path) -> Iterator[bool]:
    """Whether the lock's holder is gone; then it is held meanwhile."""
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield os.path.exists(lock)  # noqa: PTH110


def _joined(parts: Iterable[Rows]) -> Rows:
    rows: Rows = {}
    for part in parts:
        rows |= part
    return rows
