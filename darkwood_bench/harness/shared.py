"""A model's process that many ask at once, each from where it is, and each free to give up.

`ModelProcess` is asked by one caller, who waits; a run's times are measured so. A service has many
callers, who come when they like, and some of whom leave.
"""

import json
from collections.abc import Callable
from concurrent.futures import Future
from multiprocessing.connection import Connection
from threading import Lock, Thread
from typing import Any

from darkwood_bench.harness.backends import Completion, Request
from darkwood_bench.harness.process import ModelProcess, Waiting, WorkerCrash
from darkwood_bench.harness.wire import read_error, request_message

Told = Callable[[int], None]
"""Hears, in another thread, how many tokens an answer has so far."""


class SharedProcess:
    """Takes over a ModelProcess, which nobody else may then ask."""

    def __init__(self, process: ModelProcess) -> None:
        self.process = process
        self._connection: Connection | None = None
        """None where the worker is not there, or has ended."""
        self._listener: Thread | None = None
        self._lock = Lock()
        self._number = 0
        self._asked: dict[int, tuple[Future[Completion], Told]] = {}

    def start(self, waiting: Waiting) -> None:
        """Load the weights into a fresh worker, unless one is there, and open it to all.

        The worker ends with the thread that calls this, as the kernel has it. Raises BackendError
        when the weights do not load.
        """
        if self._connection is not None:
            return
        self.process.kill()  # one that cannot be heard any more
        self.process.start(waiting)
        self._connection = connection = self.process.share()
        self._listener = Thread(target=self._listen, args=(connection,), daemon=True)
        self._listener.start()

    def ask(self, request: Request, told: Told) -> tuple[int, Future[Completion]]:
        """Have a request answered: its number, and what its answer, or a BackendError, comes in.

        More than the backend has slots for wait for one another. Raises WorkerCrash when the
        worker is not there.
        """
        future: Future[Completion] = Future()
        with self._lock:
            self._number += 1
            number = self._number
            self._asked[number] = future, told
            try:
                self._send({"ask": number, **request_message(request)})
            except WorkerCrash:
                del self._asked[number]
                raise
        return number, future

    def stop(self, number: int) -> None:
        """Give a request up: its future ends soon, with Interrupted unless the answer was faster.

        A backend that cannot be interrupted goes on to its end.
        """
        with self._lock:
            if number in self._asked:
                self._send({"stop": number})

    def kill(self) -> None:
        """End the worker: every answer under way ends with WorkerCrash."""
        self.process.kill()
        if self._listener is not None:
            self._listener.join()

    def close(self) -> None:
        """End the worker and free its memory."""
        self.kill()
        self.process.close()

    def _send(self, message: dict[str, Any]) -> None:
        if self._connection is None:
            raise WorkerCrash("the model's process has ended")
        try:
            self._connection.send_bytes(json.dumps(message).encode())
        except OSError as error:
            raise WorkerCrash("the model's process has ended") from error

    def _listen(self, connection: Connection) -> None:
        try:
            while True:
                self._hear(json.loads(connection.recv_bytes()))
        except (EOFError, OSError):
            pass
        finally:  # whatever ended it, nobody is to wait for what will not come
            with self._lock:
                lost, self._asked = self._asked, {}
                self._connection = None
            for future, _ in lost.values():
                future.set_exception(WorkerCrash("the model's process ended in the middle of it"))

    def _hear(self, message: dict[str, Any]) -> None:
        number = message["of"]
        if "tokens" in message:
            self._asked[number][1](message["tokens"])
            return
        completion = Completion(**message["completion"]) if "completion" in message else None
        with self._lock:
            future, _ = self._asked.pop(number)
        if completion is not None:
            future.set_result(completion)
        else:
            future.set_exception(read_error(message))
