"""The model behind a queue: asked side by side, given up by those who leave, started again."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from darkwood_bench.copilot.errors import Refused
from darkwood_bench.copilot.logs import log
from darkwood_bench.copilot.monitoring import Monitoring
from darkwood_bench.copilot.places import Places
from darkwood_bench.harness import BackendError, Completion, Request, WorkerCrash
from darkwood_bench.harness.shared import SharedProcess

_LET_GO_S = 20.0
"""That an engine may take to leave an answer which was given up; then its process is ended.
llama.cpp reads a prompt to its end first."""
State = Literal["loading", "ready", "failed"]
Tell = Callable[[str, int | None], None]
"""Is told of the stage, 'queued' or 'generating', and of how many tokens there are so far."""


@dataclass(frozen=True)
class Generated:
    """One answer of the model."""

    completion: Completion
    queue_s: float
    generate_s: float


class Engine:
    """One model's process, from the event loop."""

    def __init__(
        self,
        load: Callable[[], SharedProcess],
        slots: int,
        queue: int,
        monitoring: Monitoring,
        failed: Callable[[str], None],
    ) -> None:
        """`load` makes the process and starts it, in a thread that lives as long as this does;
        `failed` is told why it cannot."""
        self.state: State = "loading"
        self.places = Places(slots, queue, self._changed)
        self._load = load
        self._failed = failed
        self._monitoring = monitoring
        self._process: SharedProcess | None = None
        # The kernel ends the worker with the thread that started it: so it has one of its own.
        self._thread = ThreadPoolExecutor(1, "model")
        self._ready = asyncio.Event()
        self._starting: asyncio.Task[None] | None = None
        self._letting_go: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Load the model, while others may already wait for it."""
        if self._starting is None or self._starting.done():
            self._ready.clear()
            self.state = "loading"
            self._starting = asyncio.create_task(self._start())

    async def generate(self, request: Request, tell: Tell, *, returning: bool = False) -> Generated:
        """Have a request answered, and asked once more if the model's process ends meanwhile: that
        may be another's fault. Cancelling it gives it up: the engine stops within a token.

        Raises Refused where the queue is full, the model did not load, or the server is stopping;
        BackendError for an answer that there is not.
        """
        started = time.perf_counter()
        tell("queued", None)
        await self.places.take(returning=returning)
        held = _Held(self.places)
        try:
            await self.loaded()
            queue_s = time.perf_counter() - started
            tell("generating", None)
            began = time.perf_counter()
            try:
                completion = await self._ask(request, tell, held)
            except WorkerCrash:
                self._monitoring.cancelled.labels("crash").inc()
                self.start()
                await self.loaded()
                completion = await self._ask(request, tell, held)
            return Generated(completion, queue_s, time.perf_counter() - began)
        finally:
            held.give_back()

    async def close(self) -> None:
        """End the model's process."""
        self.places.close()
        loop = asyncio.get_running_loop()
        if self._starting is not None:
            self._starting.cancel()
        if self._process is not None:
            await loop.run_in_executor(self._thread, self._process.close)
        self._thread.shutdown(wait=False)

    def resident_bytes(self) -> int | None:
        """Memory of the model's processes."""
        import psutil

        members = self._process.process.meter.members() if self._process is not None else []
        found = 0
        for member in members:
            with suppress(psutil.Error):
                found += psutil.Process(member).memory_info().rss
        return found or None

    async def loaded(self) -> None:
        """Wait for the model. Raises Refused when it did not load."""
        await self._ready.wait()
        if self.state == "failed":
            raise Refused(503, "the model did not load; the server's log says why")

    async def _start(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            if (process := self._process) is None:
                process = await loop.run_in_executor(self._thread, self._load)
                self._process = process
            else:
                await loop.run_in_executor(self._thread, process.start, _in_silence)
            self.state = "ready"
            self._monitoring.model_starts.inc()
            log("model ready", load_s=round(process.process.load_s, 2))
        except Exception as error:
            self.state = "failed"
            log("model failed", level=40, error=str(error))
            self._failed(str(error))
        self._monitoring.model_ready.set(self.state == "ready")
        self._ready.set()

    async def _ask(self, request: Request, tell: Tell, held: "_Held") -> Completion:
        assert self._process is not None
        loop = asyncio.get_running_loop()

        def told(tokens: int) -> None:
            loop.call_soon_threadsafe(tell, "generating", tokens)

        number, answer = self._process.ask(request, told)
        try:
            completion = await asyncio.wrap_future(_shielded(answer))
        except asyncio.CancelledError:
            self._monitoring.cancelled.labels("given up").inc()
            task = asyncio.create_task(self._let_go(number, answer, held.taken_over()))
            self._letting_go.add(task)
            task.add_done_callback(self._letting_go.discard)
            raise
        self._count(completion)
        return completion

    async def _let_go(self, number: int, answer: Future[Any], held: "_Held") -> None:
        """See to it that an answer nobody wants is not made; its place is free once it is not."""
        assert self._process is not None
        with suppress(BackendError):
            self._process.stop(number)
        with suppress(BackendError, TimeoutError):
            await asyncio.wait_for(asyncio.wrap_future(_shielded(answer)), _LET_GO_S)
        if not answer.done():
            log("model stuck", level=30)
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._thread, self._process.kill)
            self.start()
        held.give_back()

    def _count(self, completion: Completion) -> None:
        for kind, count in (
            ("prompt", completion.prompt_tokens),
            ("cached", completion.cached_tokens),
            ("completion", completion.completion_tokens),
        ):
            self._monitoring.tokens.labels(kind).inc(count or 0)

    def _changed(self) -> None:
        self._monitoring.waiting.set(self.places.waiting)
        self._monitoring.generating.set(self.places.held)


class _Held:
    """A place that somebody has, until it is given back or taken over; once."""

    def __init__(self, places: Places) -> None:
        self._places: Places | None = places
        self._since = time.perf_counter()

    def taken_over(self) -> "_Held":
        """The same in other hands: giving this one back does nothing any more."""
        other = _Held(self._places) if self._places is not None else self
        self._places = None
        return other

    def give_back(self) -> None:
        if self._places is not None:
            self._places.give_back(time.perf_counter() - self._since)
            self._places = None


def _shielded(answer: Future[Any]) -> Future[Any]:
    """A future that ends as another does, and can be cancelled without it."""
    other: Future[Any] = Future()

    def end(done: Future[Any]) -> None:
        if other.set_running_or_notify_cancel():
            if (error := done.exception()) is not None:
                other.set_exception(error)
            else:
                other.set_result(done.result())

    answer.add_done_callback(end)
    return other


def _in_silence(_: float) -> None:
    """Wait and say nothing."""
