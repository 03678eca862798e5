"""Watch over one jailed program: never wait for it, never believe it, always end it."""

import os
import selectors
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from darkwood_bench.sandbox import gauge
from darkwood_bench.sandbox.inside import frames
from darkwood_bench.sandbox.inside.frames import FrameError, FrameReader, FrameTooLarge
from darkwood_bench.sandbox.jailed import Jailed
from darkwood_bench.sandbox.limits import Limits

_SETUP_S = 60.0
"""Until READY: ours, so generous; a busy machine must not fail it."""
_SMALL_FRAME = 1 << 16
_PIECE = 1 << 18
_LOOK_S = 0.1
"""How often to measure a running program, and look for its end where no descriptor tells."""

Stop = Literal["setup_timeout", "timeout", "output_limit", "result_too_large", "payload_invalid"]


@dataclass
class Observed:
    """What was seen of a program from outside, and the frames that came."""

    ready: bool = False
    ended: bool = False
    """Whether the END frame came."""
    frames: dict[bytes, bytes] = field(default_factory=dict)
    stop: Stop | None = None
    """Why the supervisor ended it before its time."""
    exit_code: int | None = None
    """Of a process that ended by itself: minus a signal's number, or its exit code."""
    wall_s: float = 0.0
    cpu_s: float = 0.0
    """As of the last look at it, where it ended by itself."""
    peak_memory_bytes: int = 0
    stdout: bytearray = field(default_factory=bytearray)
    stderr: bytearray = field(default_factory=bytearray)

    @property
    def payload(self) -> bytes:
        """What it sent as its result."""
        return self.frames.get(frames.DATA, b"")


def supervise(jailed: Jailed, code: str, limits: Limits) -> Observed:
    """Wait until it is ready, hand over the code, and see it to its end."""
    watch = _Watch(jailed, code, limits)
    try:
        watch.run()
    finally:
        watch.end()
    return watch.observed


class _Watch:
    def __init__(self, jailed: Jailed, code: str, limits: Limits) -> None:
        self.jailed = jailed
        self.limits = limits
        self.observed = Observed()
        self.unsent = memoryview(frames.pack(frames.CODE, code.encode(errors="replace")))
        self.reader = FrameReader(
            {
                frames.READY: 0,
                frames.META: _SMALL_FRAME,
                frames.DATA: limits.result_bytes,
                frames.ERROR: _SMALL_FRAME,
                frames.END: 0,
            }
        )
        self.selector = selectors.DefaultSelector()
        self.exit_descriptor = _exit_descriptor(jailed.process)
        self.program: int | None = None
        self.started = time.monotonic()
        self.cpu_before = 0.0
        self.memory_before = 0

    def run(self) -> None:
        for descriptor in (self.jailed.results, self.jailed.stdout, self.jailed.stderr):
            self.selector.register(descriptor, selectors.EVENT_READ)
        if self.exit_descriptor is not None:
            self.selector.register(self.exit_descriptor, selectors.EVENT_READ)
        while not self.observed.ended and self.observed.stop is None:
            limit = self.limits.wall_s if self.observed.ready else _SETUP_S
            left = self.started + limit - time.monotonic()
            if left <= 0:
                self.observed.stop = "timeout" if self.observed.ready else "setup_timeout"
                return
            exited = self.exit_descriptor is None and self.jailed.has_exited()
            for key, _ in self.selector.select(0 if exited else min(left, _LOOK_S)):
                if key.fd == self.exit_descriptor:
                    exited = True
                elif key.fd == self.jailed.requests:
                    self._send()
                else:
                    self._receive(key.fd)
            if exited:
                self._drain()
                return
            self._measure()

    def end(self) -> None:
        """Measure, end every process, and close what was opened."""
        observed = self.observed
        if observed.ready:
            observed.wall_s = time.monotonic() - self.started
        self._measure()
        ended_by_itself = self.jailed.has_exited()
        used = self.jailed.end()
        if ended_by_itself:
            observed.exit_code = self.jailed.exit_code()
        if observed.ready and not self.jailed.bubblewrapped:
            self._count(used.ru_utime + used.ru_stime, 0)
        self.selector.close()
        if self.exit_descriptor is not None:
            os.close(self.exit_descriptor)

    def _measure(self) -> None:
        """Read what the program has used; nothing changes once its process is gone."""
        if self.program is not None:
            cpu, peak = gauge.cpu_seconds(self.program), gauge.peak_resident_bytes(self.program)
            self._count(cpu, peak)

    def _count(self, cpu: float, peak: int) -> None:
        observed = self.observed
        observed.cpu_s = max(observed.cpu_s, cpu - self.cpu_before)
        observed.peak_memory_bytes = max(observed.peak_memory_bytes, peak - self.memory_before)

    def _send(self) -> None:
        with suppress(BlockingIOError):
            try:
                self.unsent = self.unsent[os.write(self.jailed.requests, self.unsent) :]
            except BrokenPipeError:
                self.unsent = self.unsent[:0]
        if not self.unsent:
            self.selector.unregister(self.jailed.requests)

    def _receive(self, descriptor: int) -> bool:
        """Read what is there; whether there may be more."""
        try:
            data = os.read(descriptor, _PIECE)
        except BlockingIOError:
            return False
        if not data:
            self.selector.unregister(descriptor)
            return False
        if descriptor == self.jailed.results:
            self._frames(data)
        else:
            self._printed(descriptor, data)
        return self.observed.stop is None

    def _printed(self, descriptor: int, data: bytes) -> None:
        kept = self.observed.stdout if descriptor == self.jailed.stdout else self.observed.stderr
        room = self.limits.stdout_bytes - len(kept)
        kept += data[:room]
        if len(data) > room:
            self.observed.stop = "output_limit"

    def _frames(self, data: bytes) -> None:
        observed = self.observed
        try:
            for tag, body in self.reader.feed(data):
                if observed.ended:
                    return
                if not observed.ready and tag == frames.READY:
                    self._ready()
                elif not observed.ready or tag == frames.READY or tag in observed.frames:
                    raise FrameError(f"frame {tag!r} out of place")
                elif tag == frames.END:
                    observed.ended = True
                else:
                    observed.frames[tag] = body
        except FrameTooLarge as error:
            data_frame = error.args[0] == frames.DATA and observed.ready
            observed.stop = "result_too_large" if data_frame else "payload_invalid"
        except FrameError:
            observed.stop = "payload_invalid"

    def _ready(self) -> None:
        self.observed.ready = True
        self.program = self.jailed.program()
        if self.program is not None:
            self.cpu_before = gauge.cpu_seconds(self.program)
            self.memory_before = gauge.peak_resident_bytes(self.program)
        self.started = time.monotonic()
        self.selector.register(self.jailed.requests, selectors.EVENT_WRITE)

    def _drain(self) -> None:
        """Take what a process left in its pipes."""
        for descriptor in (self.jailed.results, self.jailed.stdout, self.jailed.stderr):
            while descriptor in self.selector.get_map() and self._receive(descriptor):
                pass


def _exit_descriptor(process: subprocess.Popen[bytes]) -> int | None:
    """A descriptor that becomes readable when the process ends, where the system has such."""
    try:
        return os.pidfd_open(process.pid)
    except (AttributeError, OSError):
        return None
