"""Event loops without sockets.

An asyncio loop wakes itself by a pair of sockets, and every kind of socket is forbidden. A pipe
does as well: this has asyncio make one instead, when a program imports it.
"""

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import Any

_MODULE = "asyncio.selector_events"


def wake_by_pipe() -> None:
    """Let loops of asyncio, once it is imported, wake themselves by a pipe."""
    sys.meta_path.insert(0, _Finder())


class _Finder:
    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """As `importlib.abc.MetaPathFinder` has it."""
        if name != _MODULE:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


class _Loader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        module.BaseSelectorEventLoop._make_self_pipe = _make_self_pipe


class _PipeEnd:
    """What a loop uses of a socket that it wakes itself with."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def fileno(self) -> int:
        return self._descriptor

    def recv(self, most_bytes: int) -> bytes:
        return os.read(self._descriptor, most_bytes)

    def send(self, data: bytes) -> int:
        return os.write(self._descriptor, data)

    def close(self) -> None:
        os.close(self._descriptor)


def _make_self_pipe(loop: Any) -> None:
    """In place of asyncio's own, which this follows."""
    reading, writing = os.pipe()
    for descriptor in (reading, writing):
        os.set_blocking(descriptor, False)
    loop._ssock, loop._csock = _PipeEnd(reading), _PipeEnd(writing)
    loop._internal_fds += 1
    loop._add_reader(reading, loop._read_from_self)
