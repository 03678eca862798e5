"""Watch over one jailed program: never wait for it, never believe it, always end it."""

import os
import select
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event
from typing import Literal

from darkwood_bench.sandbox import gauge
from darkwood_bench.sandbox.child import Child
from darkwood_bench.sandbox.inside import frames
from darkwood_bench.sandbox.inside.frames import FrameError, FrameReader, FrameTooLarge
from darkwood_bench.sandbox.limits import Limits

_SETUP_S = 60.0
"""Until READY: ours, so generous; a busy machine must not fail it."""
_SMALL_FRAME = 1 << 16
_PIECE = 1 << 18
_MOST_THREADS = 300
"""Where the system counts a user's threads as a whole (L2, unless root starts them), a program that
starts them without end is ended before others feel it."""
_LOOK_S = 0.1
"""How often to measure a running program."""

Stop = Literal[
    "setup_timeout",
    "refused",
    "timeout",
    "output_limit",
    "result_too_large",
    "payload_invalid",
    "too_many_threads",
    "cancelled",
]


@dataclass
class Observed:
    """What was seen of a program from outside, and the frames that came."""

    ready: bool = False
    ended: bool = False
    """Whether the END frame came."""
    frames: dict[bytes, bytes] = field(default_factory=dict)
    stop: Stop | None = None
    """Why the supervisor ended it before its time."""
    lost: bool = False
    """Whether the zygote went first, and with it what is known of the end."""
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


@contextmanager
def supervised(
    child: Child,
    message: Sequence[bytes],
    limits: Limits,
    *,
    loads: bool = False,
    cancelled: Event | None = None,
) -> Iterator[Observed]:
    """Wait until it is ready, hand over the program and its tables, see it to its end.

    `message`: frames in pieces, which are sent one after another. `loads`: it first says when it
    has read the tables that come with the program. `cancelled`: once set, it is killed.

    Within, the program has ended or is being killed, and what it sent is there; what it used in all
    is known afterwards. One that said that it ended, and could be measured then, has been killed
    and may still be going, which takes a while: the caller sees to `child.end()`. Any other is
    gone.
    """
    watch = _Watch(child, message, limits, loads, cancelled or Event())
    try:
        watch.run()
        watch.stop()
        if not watch.observed.ended:
            watch.end()  # how it ended says what became of it
        yield watch.observed
    finally:
        if not watch.is_measured:
            watch.end()


class _Watch:
    def __init__(
        self,
        child: Child,
        message: Sequence[bytes],
        limits: Limits,
        loads: bool,
        cancelled: Event,
    ) -> None:
        self.child = child
        self.cancelled = cancelled
        self.loads = loads
        """Until it has said so; a program that says it again would hide what it has used."""
        self.limits = limits
        self.observed = Observed()
        self.unsent = deque(memoryview(piece) for piece in message if piece)
        self.reader = FrameReader(
            {
                frames.READY: 0,
                frames.LOADED: 0,
                frames.META: _SMALL_FRAME,
                frames.DATA: limits.result_bytes,
                frames.ERROR: _SMALL_FRAME,
                frames.END: 0,
            }
        )
        self.poll = select.poll()
        self.open = {child.results, child.stdout, child.stderr, child.reports.fileno()}
        self.started = self.look_at = time.monotonic()
        self.cpu_before = 0.0
        self.memory_before = 0
        self.is_measured = False
        """Whether all that it used until it said that it ended is known."""

    def run(self) -> None:
        for descriptor in self.open:
            self.poll.register(descriptor, select.POLLIN)
        while not self.observed.ended and self.observed.stop is None:
            limit = self.limits.wall_s if self.observed.ready else _SETUP_S
            left = self.started + limit - time.monotonic()
            if self.cancelled.is_set():
                self.observed.stop = "cancelled"
                return
            if left <= 0:
                self.observed.stop = "timeout" if self.observed.ready else "setup_timeout"
                return
            events = self.poll.poll(min(left, _LOOK_S) * 1000)
            for descriptor, _ in events:
                if descriptor == self.child.code:
                    self._send()
                elif descriptor == self.child.reports.fileno():
                    self.child.hear()
                elif descriptor in self.open:
                    self._receive(descriptor)
            if self.child.refused:
                self.observed.stop = "refused"
                return
            if self.child.over:
                self._drain()
                return
            if not events or time.monotonic() >= self.look_at:
                self._measure()

    def stop(self) -> None:
        """Measure it and kill it, if it has not ended by itself."""
        if self.observed.ready:
            self.observed.wall_s = time.monotonic() - self.started
        whole = self._measure()
        # Where the system keeps no peak, or a thread has ended that it is read from, its end tells.
        self.is_measured = whole and self.observed.ended and self.observed.stop is None
        self.observed.exit_code = self.child.exit_code
        self.child.kill()

    def end(self) -> None:
        """Wait for its end, take what is known then, and close what was opened."""
        self.child.end()
        self.observed.lost = self.child.lost
        if self.observed.ready and self.child.cpu_s is not None:
            self._count(self.child.cpu_s, self.child.peak_memory_bytes)

    def _measure(self) -> bool:
        """Read what the program has used; whether all of that could be read. Nothing changes once
        its process is gone."""
        self.look_at = time.monotonic() + _LOOK_S
        process = self.child.process
        if not self.observed.ready or process is None or self.child.over:
            return False
        held, cpu = gauge.held(process), gauge.cpu_seconds(process)
        self._count(cpu, held.peak_resident_bytes)
        if held.threads > _MOST_THREADS and not self.observed.ended:
            self.observed.stop = "too_many_threads"
        return held.peak_resident_bytes > 0 and cpu > 0

    def _count(self, cpu: float, peak: int) -> None:
        observed = self.observed
        observed.cpu_s = max(observed.cpu_s, cpu - self.cpu_before)
        observed.peak_memory_bytes = max(observed.peak_memory_bytes, peak - self.memory_before)

    def _send(self) -> None:
        with suppress(BlockingIOError):
            try:
                self.unsent[0] = self.unsent[0][os.write(self.child.code, self.unsent[0]) :]
            except BrokenPipeError:
                self.unsent.clear()
        if self.unsent and not self.unsent[0]:
            self.unsent.popleft()
        if not self.unsent:
            self.poll.unregister(self.child.code)

    def _receive(self, descriptor: int) -> bool:
        """Read what is there; whether there may be more."""
        try:
            data = os.read(descriptor, _PIECE)
        except BlockingIOError:
            return False
        if not data:
            self.poll.unregister(descriptor)
            self.open.discard(descriptor)
            return False
        if descriptor == self.child.results:
            self._frames(data)
        else:
            self._printed(descriptor, data)
        return self.observed.stop is None

    def _printed(self, descriptor: int, data: bytes) -> None:
        kept = self.observed.stdout if descriptor == self.child.stdout else self.observed.stderr
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
                elif tag == frames.LOADED or self.loads:
                    self._loaded(tag)
                else:
                    observed.frames[tag] = body
        except FrameTooLarge as error:
            data_frame = error.args[0] == frames.DATA and observed.ready
            observed.stop = "result_too_large" if data_frame else "payload_invalid"
        except FrameError:
            observed.stop = "payload_invalid"

    def _ready(self) -> None:
        """Start the clock. READY may overtake the zygote's report of which process it is."""
        until = self.started + _SETUP_S
        while self.child.process is None and not self.child.over:
            wait = select.poll()
            wait.register(self.child.reports, select.POLLIN)
            if not wait.poll(max(0.0, until - time.monotonic()) * 1000):
                return
            self.child.hear()
        self.observed.ready = True
        self._count_from_here()
        self.poll.register(self.child.code, select.POLLOUT)

    def _loaded(self, tag: bytes) -> None:
        if tag != frames.LOADED or not self.loads:
            raise FrameError(f"frame {tag!r} out of place")
        self.loads = False
        self._count_from_here()
        self.unsent.append(memoryview(frames.pack(frames.GO)))
        self.poll.register(self.child.code, select.POLLOUT)

    def _count_from_here(self) -> None:
        if self.child.process is not None:
            self.cpu_before = gauge.cpu_seconds(self.child.process)
            self.memory_before = gauge.held(self.child.process).peak_resident_bytes
        self.observed.cpu_s, self.observed.peak_memory_bytes = 0.0, 0
        self.started = time.monotonic()

    def _drain(self) -> None:
        """Take what a process left in its pipes."""
        for descriptor in (self.child.results, self.child.stdout, self.child.stderr):
            while descriptor in self.open and self._receive(descriptor):
                pass
