"""Files that clients sent: in a private folder, each for as long as it is used."""

import keyword
import re
import secrets
import shutil
import time
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import polars as pl

from darkwood_bench.copilot.errors import NoData, Refused
from darkwood_bench.copilot.models import Format
from darkwood_bench.sandbox import Brought
from darkwood_bench.temporary import make_temporary, sweep_temporary

_FOLDER = "darkwood-uploads-"
_TAKEN = {"pl", "result"}


@dataclass
class Upload:
    """One file."""

    upload_id: str
    owner: str
    table: str
    format: Format
    columns: Mapping[str, pl.DataType]
    n_rows: int
    bytes: int
    path: Path
    used: float
    """On the monotonic clock."""

    @property
    def identity(self) -> str:
        """Its id: an upload never changes."""
        return self.upload_id

    @property
    def size(self) -> int:
        """Bytes of its file."""
        return self.bytes

    def read(self) -> Brought:
        """All of it. Raises NoData where it was deleted meanwhile."""
        try:
            return Brought(self.format, self.path.read_bytes())
        except OSError:
            raise NoData("the upload was deleted") from None


@dataclass(frozen=True)
class Place:
    """Where an upload goes."""

    upload_id: str
    path: Path


class Uploads:
    """All of them; threads may share it."""

    def __init__(self, most: int, expires_s: float) -> None:
        self.expires_s = expires_s
        self._most = most
        sweep_temporary(_FOLDER)
        self._folder = make_temporary(_FOLDER)
        self._uploads: dict[str, Upload] = {}
        self._coming = 0
        """Places that are reserved."""
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._uploads)

    @contextmanager
    def reserve(self) -> Iterator["Place"]:
        """A place for one more, before it has come. Raises Refused where there is none.

        The file that is put there is deleted again unless it is added.
        """
        self.expire()
        with self._lock:
            if len(self._uploads) + self._coming >= self._most:
                raise Refused(429, "too many uploads are kept; delete one", retry_after_s=60)
            self._coming += 1
        upload_id = f"upl_{secrets.token_urlsafe(24)}"  # cannot be guessed
        place = Place(upload_id, self._folder / upload_id)
        try:
            yield place
        finally:
            with self._lock:
                self._coming -= 1
                kept = upload_id in self._uploads
            if not kept:
                place.path.unlink(missing_ok=True)

    def add(self, upload: Upload) -> None:
        """Keep one that is at its place."""
        with self._lock:
            self._uploads[upload.upload_id] = upload

    def find(self, upload_id: str, owner: str) -> Upload | None:
        """An upload of this token's; it is kept a while longer then."""
        self.expire()
        with self._lock:
            upload = self._uploads.get(upload_id)
            if upload is None or upload.owner != owner:
                return None
            upload.used = time.monotonic()
            return upload

    def delete(self, upload_id: str, owner: str) -> None:
        """Raises Refused for one that is not there, or another token's."""
        with self._lock:
            upload = self._uploads.get(upload_id)
            if upload is None or upload.owner != owner:
                raise Refused(404, "there is no such upload")
            del self._uploads[upload_id]
        upload.path.unlink(missing_ok=True)

    def expire(self) -> None:
        """Delete what was not used for long."""
        before = time.monotonic() - self.expires_s
        with self._lock:
            over = [one for one in self._uploads.values() if one.used < before]
            for upload in over:
                del self._uploads[upload.upload_id]
        for upload in over:
            upload.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Delete everything."""
        with self._lock:
            self._uploads = {}
        shutil.rmtree(self._folder, ignore_errors=True)


def format_of(file_name: str, start: bytes) -> Format:
    """Of a file by how it begins, or by its name. Raises Refused for what is neither.

    Parquet says so in its first four bytes (https://parquet.apache.org/docs/file-format/).
    """
    if start == b"PAR1":
        return "parquet"
    if file_name.lower().endswith((".csv", ".txt", ".tsv")) and b"\0" not in start:
        return "csv"
    raise Refused(415, "neither a Parquet file nor a CSV file (named .csv)")


def table_name(file_name: str) -> str:
    """A name that code can use, from a file's: 'Sales 2024.csv' is sales_2024."""
    stem = re.split(r"[/\\]", file_name)[-1].split(".")[0]
    name = re.sub(r"\W+", "_", stem, flags=re.ASCII).strip("_").lower()[:64]
    return name if is_variable(name) else f"table_{name}".rstrip("_")


def is_variable(name: str) -> bool:
    """Whether code can find a table under a name."""
    return (
        name.isidentifier()
        and not keyword.iskeyword(name)
        and name not in _TAKEN
        and not name.startswith("__")
        and unicodedata.normalize("NFKC", name) == name
    )
