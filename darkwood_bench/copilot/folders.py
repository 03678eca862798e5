"""Files below the folders that the server may read, and no others, however they are named."""

import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

TABLE_ENDINGS = (".parquet", ".csv")
_DEEPEST = 32
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""NONBLOCK: opening a pipe would wait for somebody to write to it."""


@dataclass(frozen=True)
class OpenFile:
    """A file that was found; whoever asked for it closes it."""

    file: BinaryIO
    identity: tuple[int, int, int, int]
    """Device, inode, time of change and size: the same contents as long as they are the same."""

    @property
    def size(self) -> int:
        """Bytes."""
        return self.identity[3]


@dataclass(frozen=True)
class _Folder:
    names: tuple[PurePosixPath, ...]
    """What it may be called: as it was given, and without symbolic links."""
    descriptor: int


class DataFolders:
    """The folders, opened once: what is put in their place later is not looked at."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Raises OSError for what is no folder that can be read."""
        self._folders = [
            _Folder(
                tuple({PurePosixPath(folder.absolute()), PurePosixPath(folder.resolve())}),
                os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC),
            )
            for folder in folders
        ]

    def open(self, file_name: str) -> OpenFile | None:
        """A regular file below one of the folders, by its absolute path or its path within one.

        None for what is not there, is no regular file, is reached by way of a symbolic link or
        '..', or is elsewhere: whoever asks does not learn which. Every step is opened from the
        one before, so that nothing can be put in between.
        """
        for folder in self._folders:
            for parts in _within(file_name, folder.names):
                with suppress(OSError, ValueError):
                    return _opened(folder.descriptor, parts)
        return None

    def files(self, most: int) -> list[str]:
        """What `open` would open and could be a table, by its path within its folder, in order;
        `most` of them."""
        found: list[str] = []
        for folder in self._folders:
            for top, inner, names, _ in os.fwalk(".", dir_fd=folder.descriptor):
                inner.sort()
                steps = PurePosixPath(top)
                if len(steps.parts) >= _DEEPEST:
                    inner.clear()
                tables = sorted(name for name in names if name.endswith(TABLE_ENDINGS))
                for path in (str(steps / name) for name in tables):
                    if len(found) == most:
                        return found
                    if path not in found and (opened := self.open(path)) is not None:
                        opened.file.close()
                        found.append(path)
        return found

    def close(self) -> None:
        """Nothing can be opened after this."""
        for folder in self._folders:
            os.close(folder.descriptor)
        self._folders = []


def _within(file_name: str, folders: Sequence[PurePosixPath]) -> list[tuple[str, ...]]:
    """The names of the steps from a folder to a file; none where it is not below it."""
    path = PurePosixPath(file_name)
    if not path.is_absolute():
        found = [path.parts]
    else:
        found = [path.relative_to(one).parts for one in folders if path.is_relative_to(one)]
    return [parts for parts in found if 0 < len(parts) <= _DEEPEST and ".." not in parts]


def _opened(folder: int, parts: Sequence[str]) -> OpenFile:
    """Raises OSError for what is not there, or no regular file."""
    *steps, name = parts
    at, opened = folder, list[int]()
    try:
        for step in steps:
            at = os.open(step, _FOLDER, dir_fd=at)
            opened.append(at)
        descriptor = os.open(name, _FILE, dir_fd=at)
    finally:
        for one in opened:
            os.close(one)
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        raise OSError("no regular file")
    identity = found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size
    return OpenFile(os.fdopen(descriptor, "rb"), identity)
