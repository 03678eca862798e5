"""A model in a process of its own, so that its memory is its own and a crash is an answer.

Requests go over a private socket, one at a time or as a batch.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from darkwood_bench.harness.backends import (
    BackendError,
    Completion,
    Done,
    Engine,
    Request,
    backend_class,
)
from darkwood_bench.harness.budgets import Budgets, OverRam, OverVram, WorkerTimeout
from darkwood_bench.harness.metering import MemoryMeter
from darkwood_bench.harness.wire import read_error, request_message

SPIN_COUNT = "GOMP_SPINCOUNT"
"""How long OpenMP threads wait busily for one another before they sleep. libgomp's default makes
llama.cpp many times slower where anything else wants a core, and no faster where nothing does: see
benchmarks/contention.py. What the user has set stands."""
WATCH_S = 0.05
"""Seconds between two looks at memory, where it has a limit."""
LOAD_TIMEOUT_S = 1800
"""Loading has no budget; this only ends a wait that nobody would sit through."""
LOOK_S = 0.25
"""Between two looks at the memory of a worker that is awaited."""
Waiting = Callable[[float], None]
"""Is told for how many seconds something has been awaited."""


def _in_silence(_: float) -> None:
    """Wait and say nothing."""


class WorkerCrash(BackendError):
    """The worker process ended in the middle of a request."""

    kind = "worker_crash"
    transient = True


class Cancelled(BackendError):
    """The request was given up by whoever made it."""

    kind = "cancelled"
    transient = True


class ModelProcess:
    """One backend with one model. After a crash or a timeout, `start` starts a fresh worker."""

    def __init__(
        self, backend: str, engine: Engine, weights: Path, budgets: Budgets | None = None
    ) -> None:
        """Of `budgets`, those of memory are watched here, from the loading on."""
        self.backend = backend
        self._budgets = budgets or Budgets()
        self.meter = MemoryMeter(vram=engine.device == "cuda")
        self.load_s = 0.0
        """Seconds from starting the newest worker to its being ready."""
        self.allocated_peak_bytes: int | None = None
        """Peak of the engine's own count of GPU memory, where it has one; as `reset` left it."""
        self._setup = {
            "backend": backend,
            "engine": {**asdict(engine), "cache": str(engine.cache)},
            "weights": str(weights),
        }
        self._engine = engine
        self._weights = weights
        self._cancelled = False
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as this object

    @property
    def on_gpu(self) -> bool:
        """Whether the engine runs on a GPU."""
        return self._engine.device == "cuda"

    @property
    def pid(self) -> int | None:
        """The worker's process id; None where there is none."""
        return self._process.pid if self._process else None

    def start(self, waiting: Waiting = _in_silence) -> None:
        """Start a worker and load the weights, unless one is there; prepare them first if need be.

        `waiting` is told now and then for how many seconds this has gone on. Raises BackendError,
        with the end of the worker's log, when the weights do not load.
        """
        if self._process is not None and self._process.poll() is None:
            return
        self._stop()
        backend = backend_class(self.backend)(self._engine)
        if not backend.prepared(self._weights):
            self.prepare(waiting)
        started = time.perf_counter()
        self._begin("load", waiting)
        self.load_s = time.perf_counter() - started
        self.meter.loaded()

    def prepare(self, waiting: Waiting = _in_silence) -> None:
        """Derive what loading needs, in a worker of its own whose cost is not measured.

        Raises BackendError when it cannot be.
        """
        self._begin("prepare", waiting)
        self._stop()

    def _begin(self, task: str, waiting: Waiting) -> None:
        """Start a worker and have it do its first task."""
        ours, theirs = socket.socketpair()
        self._log.seek(0)
        self._log.truncate()
        command = [sys.executable, "-P", "-m", "darkwood_bench.harness.worker"]
        with theirs:
            self._process = subprocess.Popen(
                [*command, str(theirs.fileno()), str(os.getpid())],
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                env=self._environment(),
            )
        self._connection = Connection(ours.detach())
        if task == "load":
            self.meter.watch(self._process.pid)
        try:
            reply = self._exchange({"task": task, **self._setup}, LOAD_TIMEOUT_S, waiting)
        except BackendError as error:
            self._stop()
            # What stands for the weights of these is a description in the cache.
            names = {"openai": "the server", "submission": "the submission"}
            what = names.get(self.backend, self._weights)
            raise BackendError(f"{what} did not load: {error}") from error
        self.meter.include(reply["elsewhere"])

    def reset(self) -> None:
        """Begin anew: nothing of earlier prompts is cached, and the peaks are those of loading.

        Raises as `complete` does.
        """
        reply = self._exchange({"task": "reset"}, LOAD_TIMEOUT_S)
        self.meter.include(reply["elsewhere"])
        self.meter.restart()
        self.allocated_peak_bytes = None

    def renew(self, waiting: Waiting = _in_silence) -> None:
        """`reset`, or where the worker cannot, a fresh one: it has no earlier prompts either.

        Raises BackendError when the weights do not load again.
        """
        try:
            self.reset()
        except BackendError:
            self._stop()
            self.start(waiting)

    def complete(self, request: Request, timeout_s: float) -> Completion:
        """Have one request answered by the worker that `start` started.

        Raises PromptTooLong, WorkerCrash, WorkerTimeout, OverRam, OverVram, or BackendError for
        another refusal. Whoever wants the memory it took in the peaks has the meter sample it.
        """
        with self._at_work():
            reply = self._exchange(request_message(request), timeout_s)
        self._count_allocated(reply)
        return Completion(**reply["completion"])

    def complete_many(self, requests: Sequence[Request], timeout_s: float, done: Done) -> None:
        """Have all of these answered; `done` is called as each answer, or its error, comes in.

        `timeout_s` is the longest wait for the next of them. Raises as `complete` does, and
        BackendError when all are refused; what was not done by then never will be.
        """
        message = {"task": "many", "requests": [request_message(request) for request in requests]}
        with self._at_work():
            self._send(message)
            while "done" in (reply := self._receive(timeout_s)):
                answered = "completion" in reply
                outcome = Completion(**reply["completion"]) if answered else read_error(reply)
                done(reply["done"], outcome)
        if "error" in reply:
            raise read_error(reply)
        self._count_allocated(reply)

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        self._cancelled = False
        self.meter.working = True
        try:
            yield
        finally:
            self.meter.working = False

    def cancel(self) -> None:
        """End what is being answered, from another thread: its caller is given Cancelled.

        The worker goes with it, whatever its engine is doing; `start` starts another. Does nothing
        between requests.
        """
        if self.meter.working and self._process is not None:
            self._cancelled = True
            self.kill()

    def share(self) -> Connection:
        """Have the worker answer side by side from now on (see `shared`), by way of this."""
        assert self._connection is not None
        self._send({"task": "share"})
        return self._connection

    def kill(self) -> None:
        """End the worker, whatever it does; `start` starts another."""
        if (process := self._process) is not None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _count_allocated(self, reply: Mapping[str, Any]) -> None:
        if (allocated := reply["allocated_peak_bytes"]) is not None:
            self.allocated_peak_bytes = max(self.allocated_peak_bytes or 0, allocated)

    def close(self) -> None:
        """Stop the worker and free its memory."""
        self._stop()
        self._log.close()

    def _exchange(
        self, message: dict[str, Any], timeout_s: float, waiting: Waiting = _in_silence
    ) -> dict[str, Any]:
        self._send(message)
        reply = self._receive(timeout_s, waiting)
        if "error" in reply:
            raise read_error(reply)
        return reply

    def _send(self, message: dict[str, Any]) -> None:
        assert self._connection is not None
        try:
            self._connection.send_bytes(json.dumps(message).encode())
        except OSError as error:
            raise WorkerCrash(self._last_words()) from error

    def _receive(self, timeout_s: float, waiting: Waiting = _in_silence) -> dict[str, Any]:
        assert self._connection is not None
        try:
            self._wait_for_reply(timeout_s, waiting)
            return json.loads(self._connection.recv_bytes())
        except (OverRam, OverVram, WorkerTimeout):
            self._stop()
            raise
        except (EOFError, OSError) as error:
            last_words = self._last_words()
            if self._cancelled:
                raise Cancelled("cancelled; the worker was stopped") from error
            raise WorkerCrash(last_words) from error

    def _wait_for_reply(self, timeout_s: float, waiting: Waiting) -> None:
        """Return when there is one. Memory is looked at meanwhile, and again then.

        Raises WorkerTimeout, OverRam or OverVram.
        """
        assert self._connection is not None
        look_s = LOOK_S if not self._budgets.of_memory else WATCH_S
        started = time.perf_counter()
        arrived = False
        while not arrived:
            waited_s = time.perf_counter() - started
            arrived = self._connection.poll(max(0.0, min(look_s, timeout_s - waited_s)))
            if not arrived or self._budgets.of_memory:
                self.meter.sample()
                self._budgets.check(self.meter.peak_ram_bytes, self.meter.peak_vram_bytes)
            if not arrived:
                waiting(time.perf_counter() - started)
                if waited_s >= timeout_s:
                    raise WorkerTimeout(f"no answer within {timeout_s:g} s; the worker was stopped")

    def _last_words(self) -> str:
        """How the worker ended, and the last line it wrote where that can say why."""
        assert self._process is not None
        code = self._process.wait()
        if code == -signal.SIGKILL:
            return "the model's process was killed (signal 9): out of memory, or by hand"
        how = f"was ended by signal {-code}" if code < 0 else f"exited with code {code}"
        self._log.seek(max(0, self._log.seek(0, os.SEEK_END) - 4000))
        lines = [line for line in self._log.read().decode(errors="replace").splitlines() if line]
        return f"the model's process {how}" + (f": {lines[-1][:400]}" if lines else "")

    def _stop(self) -> None:
        self.meter.unwatch()
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)  # what it started goes with it
            self._process.wait()
            self._process = None

    def _environment(self) -> dict[str, str]:
        """The worker is offline, and on the CPU does not see a GPU at all."""
        environment = {
            SPIN_COUNT: "1000",
            # CUDA counts GPUs as NVML does, which is asked what they hold, rather than by speed.
            "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
            **os.environ,
            "HF_HUB_OFFLINE": "1",
            "TOKENIZERS_PARALLELISM": "false",
        }
        if self._engine.device == "cpu":
            environment["CUDA_VISIBLE_DEVICES"] = ""
        return environment
