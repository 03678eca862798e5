"""Results of executions on disk, named by the content of their files."""

import hashlib
import os
import tempfile
from io import BytesIO
from pathlib import Path

import polars as pl


class ResultStoreError(Exception):
    """A stored result is not there, or is not what its name says."""


class ResultStore:
    """Frames as compressed Arrow IPC files in one folder, which is made when it is needed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, frame: pl.DataFrame) -> str:
        """Store a frame; returns its name, the SHA-256 (64 hex digits) of its file."""
        buffer = BytesIO()
        frame.rechunk().write_ipc(buffer, compression="zstd")
        data = buffer.getvalue()
        name = hashlib.sha256(data).hexdigest()
        if name not in self:
            self.folder.mkdir(parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=self.folder)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(data)
                Path(temporary).replace(self._path(name))
            except OSError:
                Path(temporary).unlink(missing_ok=True)  # half a file keeps a full disk full
                raise
        return name

    def get(self, name: str) -> pl.DataFrame:
        """The frame of that name. Raises ResultStoreError when it is missing or damaged."""
        path = self._path(name)
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise ResultStoreError(f"{path}: no such result; run its execution again") from error
        if hashlib.sha256(data).hexdigest() != name:
            raise ResultStoreError(f"{path}: damaged; delete it, and run its execution again")
        return pl.read_ipc(BytesIO(data))

    def __contains__(self, name: str) -> bool:
        return self._path(name).is_file()

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.arrow"
