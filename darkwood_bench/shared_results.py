"""Results of executions that every machine can read: kept here, and uploaded as they come."""

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

import polars as pl
from upath import UPath

from darkwood_bench.sandbox import ResultStore, ResultStoreError
from darkwood_bench.storage import write_whole

_UPLOADS = 8
"""At once: an object store answers each after tens of milliseconds."""


class SharedResults(ResultStore):
    """A store of frames with a folder here as its cache. A context manager: at its end everything
    that was put is in the shared folder, or ResultStoreError is raised."""

    def __init__(self, folder: Path, shared: UPath) -> None:
        super().__init__(folder)
        self._shared = shared
        self._there: set[str] = set()
        self._uploads: list[Future[None]] = []

    def __enter__(self) -> Self:
        self._shared.fs.invalidate_cache()
        if self._shared.exists():
            self._there = {path.stem for path in self._shared.iterdir()}
        elif self._shared.protocol in ("", "file"):
            self._shared.mkdir(parents=True)
        self._threads = ThreadPoolExecutor(_UPLOADS)
        return self

    def __exit__(
        self,
        error_class: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._threads.shutdown()
        for upload in self._uploads:
            if failure := upload.exception():
                raise ResultStoreError(
                    f"{self._shared}: cannot be written ({failure}); see "
                    "`darkwood doctor --cluster`, then run again"
                ) from failure

    def put(self, frame: pl.DataFrame) -> str:
        """As `ResultStore.put`; uploaded in the background."""
        name = super().put(frame)
        if name not in self._there:
            self._there.add(name)
            self._uploads.append(self._threads.submit(self._upload, name))
        return name

    def get(self, name: str) -> pl.DataFrame:
        """As `ResultStore.get`; fetched first where it is not here."""
        if not self._path(name).is_file() and name in self._there:
            self._fetch(name)
        return super().get(name)

    def __contains__(self, name: str) -> bool:
        return name in self._there

    def _upload(self, name: str) -> None:
        write_whole(self._shared / f"{name}.arrow", self._path(name).read_bytes())

    def _fetch(self, name: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self._path(name).with_suffix(".part")
        part.write_bytes((self._shared / f"{name}.arrow").read_bytes())
        part.rename(self._path(name))
