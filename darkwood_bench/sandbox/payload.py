"""Results from programs, read where a crash costs nothing.

The bytes are Arrow IPC that a hostile program may have made. They are parsed, checked and encoded
anew in a confined process that ends afterwards (see `inside.parser`); only what that process gives
back is read here.
"""

import json
import os
import select
import time
from contextlib import suppress
from io import BytesIO
from threading import Lock
from typing import Any

import polars as pl

from darkwood_bench.sandbox.errors import SandboxError
from darkwood_bench.sandbox.execution import Status
from darkwood_bench.sandbox.inside import frames
from darkwood_bench.sandbox.inside.frames import FrameError, FrameReader, FrameTooLarge
from darkwood_bench.sandbox.jail import Confinement, start
from darkwood_bench.sandbox.jailed import Jailed
from darkwood_bench.sandbox.limits import Limits
from darkwood_bench.sandbox.verdict import clean_text

_START_S = 60
_CPU_S = 20
"""That reading one payload may take: beyond it, the payload is at fault."""
_READ_S = 120
"""Wall time until an answer: beyond it, the machine is at fault, since CPU time ran out before."""
_COPIES = 6
"""Memory that reading takes, in sizes of the largest payload."""
_BASE_BYTES = 512 << 20
_SMALL_FRAME = 1 << 16
_PIECE = 1 << 18
_MESSAGE_CHARS = 500


class PayloadError(Exception):
    """There is no result; `status` says why.

    payload_invalid and result_too_large: the payload is at fault. zygote_lost: the process that
    reads was, and the payload has not been judged.
    """

    def __init__(self, status: Status, message: str) -> None:
        super().__init__(message)
        self.status: Status = status


class PayloadReader:
    """Reads one payload at a time, in a process that serves them all; threads may share it."""

    def __init__(self, confinement: Confinement, limits: Limits) -> None:
        self._confinement = confinement
        self._limits = limits
        self._lock = Lock()
        self._server: Jailed | None = None
        self._server_ready = False
        self._answer_bytes = 2 * limits.result_bytes + _SMALL_FRAME

    def start(self) -> None:
        """Start the serving process without waiting for it, unless it runs.

        It ends with the thread that called this, as the kernel has it; the next payload then starts
        another. Raises SandboxError when it cannot be started.
        """
        if self._server is not None:
            return
        memory = _COPIES * self._limits.result_bytes + _BASE_BYTES
        try:
            self._server = start("parser", self._confinement, memory_bytes=memory, cpu_s=_CPU_S)
        except OSError as error:
            raise SandboxError(f"the reader of results does not start: {error}") from error
        self._server_ready = False

    def read(self, data: bytes, wide_integers: dict[str, str]) -> pl.DataFrame:
        """The frame that a payload holds.

        Raises PayloadError for one that holds none or too much, or that could not be read in
        time; SandboxError when the serving process cannot be started.
        """
        if not data:
            raise PayloadError("payload_invalid", "it is empty")
        meta = {
            "wide_integers": wide_integers,
            "result_rows": self._limits.result_rows,
            "result_bytes": self._limits.result_bytes,
            "answer_bytes": self._answer_bytes,
        }
        request = frames.pack(frames.META, json.dumps(meta).encode())
        with self._lock:
            tag, body = self._ask(request + frames.pack(frames.DATA, data))
        if tag != frames.DATA:
            raise _refusal(body)
        try:
            return pl.read_ipc_stream(BytesIO(body))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a panic of the engine is no Exception
            raise PayloadError("payload_invalid", f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        """End the serving process."""
        with self._lock:
            self._stop()

    def _ask(self, request: bytes) -> tuple[bytes, bytes]:
        """Ask a server that is ready, and once more if it was gone since the last payload.

        The server never parses a payload: that it is gone, or late, is not the payload's doing.
        """
        for last_try in (False, True):
            server = self._ready_server()
            try:
                return self._exchange(server, request, _READ_S)
            except (FrameError, FrameTooLarge) as error:
                self._stop()
                raise PayloadError("payload_invalid", f"reading it failed: {error}") from error
            except OSError as error:  # a TimeoutError among them
                self._stop()
                if last_try or isinstance(error, TimeoutError):
                    raise PayloadError("zygote_lost", f"reading it failed: {error}") from error
        raise AssertionError("unreachable")

    def _ready_server(self) -> Jailed:
        self.start()
        assert self._server is not None
        if self._server_ready:
            return self._server
        try:
            self._exchange(self._server, b"", _START_S)
        except (FrameError, FrameTooLarge, OSError) as error:
            self._stop()
            raise SandboxError(f"the reader of results does not start: {error}") from error
        self._server_ready = True
        return self._server

    def _exchange(self, server: Jailed, request: bytes, seconds: int) -> tuple[bytes, bytes]:
        """Send a request and wait for the one frame that answers it.

        Raises TimeoutError, OSError when the server ended, FrameError and FrameTooLarge when what
        it answers is not what it would.
        """
        reader = FrameReader(
            {
                frames.READY: 0,
                frames.ERROR: _SMALL_FRAME,
                frames.DATA: self._answer_bytes,
            }
        )
        until = time.monotonic() + seconds
        unsent = memoryview(request)
        poll = select.poll()
        poll.register(server.results, select.POLLIN)
        if unsent:
            poll.register(server.requests, select.POLLOUT)
        while ready := poll.poll(max(0.0, until - time.monotonic()) * 1000):
            for descriptor, _ in ready:
                if descriptor == server.requests:
                    unsent = unsent[os.write(descriptor, unsent[:_PIECE]) :]
                    if not unsent:
                        poll.unregister(descriptor)
                    continue
                data = os.read(descriptor, _PIECE)
                if not data:
                    raise OSError("the reading process ended")
                for frame in reader.feed(data):
                    return frame
        raise TimeoutError(f"no answer within {seconds} s")

    def _stop(self) -> None:
        if self._server is not None:
            self._server.end()
            self._server = None


def _refusal(body: bytes) -> PayloadError:
    """What the payload's process said is wrong with it; a payload may have taken that over."""
    said: Any = None
    with suppress(ValueError, RecursionError):
        said = json.loads(body)
    status = said.get("status") if isinstance(said, dict) else None
    if status not in ("payload_invalid", "result_too_large"):
        return PayloadError("payload_invalid", "reading it gave no answer")
    return PayloadError(status, clean_text(said.get("message"), _MESSAGE_CHARS) or "")
