"""Programs, run in the sandbox: each finds the tables that came with it, and no others.

All are forked from one process that holds no table at all; whatever a program does, there is
nothing of another client's in its memory.
"""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

from darkwood_bench.copilot.budget import Budget
from darkwood_bench.copilot.errors import NoData
from darkwood_bench.copilot.logs import log
from darkwood_bench.copilot.monitoring import Monitoring
from darkwood_bench.copilot.places import Places
from darkwood_bench.copilot.tables import Data
from darkwood_bench.cores import usable_cores
from darkwood_bench.sandbox import (
    Brought,
    Execution,
    Limits,
    Program,
    Sandbox,
    SandboxError,
    SandboxUnavailable,
    probe_isolation,
)
from darkwood_bench.tables import INFRASTRUCTURE


class NotRun(Exception):
    """A program could not be run here, which says nothing of it; the message says why."""


class Runner:
    """The sandbox, from the event loop."""

    def __init__(
        self,
        limits: Limits,
        min_isolation: str,
        queue: int,
        most_bytes: int,
        monitoring: Monitoring,
    ) -> None:
        """`most_bytes`: of the tables of all programs that run at once, and so of each one's."""
        self.level: str | None = None
        """How strongly programs are isolated; None where none are run."""
        self._limits = limits
        self._min_isolation = min_isolation
        self._monitoring = monitoring
        workers = usable_cores()
        self.places = Places(workers, queue, lambda: None)
        self._tables = Budget(most_bytes)
        # The kernel ends the sandbox's processes with the threads that started them: these stay.
        self._threads = ThreadPoolExecutor(workers, "sandbox")
        self._sandbox: Sandbox | None = None
        self._missing = "the sandbox is not open"

    async def open(self) -> None:
        """Start the processes that programs are forked from, where there is enough isolation."""
        loop = asyncio.get_running_loop()
        try:
            self._sandbox = opened = await loop.run_in_executor(self._threads, self._opened)
            self.level = opened.isolation.level
        except (SandboxUnavailable, SandboxError) as error:
            self._missing = "no code is run on this server: it has too little isolation"
            log("no sandbox", level=40, error=str(error))
        self._monitoring.isolation.set(-1 if self.level is None else int(self.level[1]))

    def _opened(self) -> Sandbox:
        probe_isolation()
        sandbox = Sandbox({}, self._limits, min_isolation=self._min_isolation)
        sandbox.__enter__()
        sandbox.run("result = 1")  # the first program waits for what the others find there
        return sandbox

    async def run(self, code: str, tables: Mapping[str, Data]) -> Execution:
        """Run a program over tables that are its alone, to its end or its limits. They are read
        when it is its turn; when this is cancelled, it is killed.

        Raises NotRun where it could not be, NoData for tables that cannot be read or are too much,
        and Refused where too many wait.
        """
        if self._sandbox is None:
            raise NotRun(self._missing)
        size = sum({data.identity: data.size for data in tables.values()}.values())
        if size > self._tables.most:
            raise NoData(f"the tables have more than {self._tables.most:,} bytes together")
        await self.places.take()
        try:
            await self._tables.take(size)
        except BaseException:
            self.places.give_back(None)
            raise
        gone = Event()
        running = asyncio.get_running_loop().run_in_executor(
            self._threads, _run, self._sandbox, code, tables, gone
        )
        running.add_done_callback(lambda done: self._ended(done, size))
        try:
            execution = await asyncio.shield(running)
        except asyncio.CancelledError:
            gone.set()  # its place is free when it has ended
            raise
        except SandboxError as error:
            log("not run", level=40, error=str(error))
            raise NotRun("the program could not be run; the server's log says why") from error
        self._monitoring.executions.labels(execution.status, execution.isolation_level).inc()
        if execution.status in INFRASTRUCTURE:
            log("not run", level=40, status=execution.status, error=execution.error_message)
            raise NotRun("the program could not be run; the server's log says why")
        return execution

    def _ended(self, running: "asyncio.Future[Execution]", size: int) -> None:
        self._tables.give_back(size)
        self.places.give_back(None)
        if not running.cancelled():
            running.exception()  # it has been told where it was awaited

    async def close(self) -> None:
        """End the sandbox and all that runs in it."""
        self.places.close()
        if self._sandbox is not None:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(None, self._sandbox.__exit__, None, None, None)
        self._threads.shutdown(wait=False, cancel_futures=True)


def _run(sandbox: Sandbox, code: str, tables: Mapping[str, Data], cancelled: Event) -> Execution:
    """Read the tables, each file once whatever its names, and run the program."""
    contents: dict[Any, Brought] = {}
    brought: dict[str, Brought] = {}
    for name, data in tables.items():
        if data.identity not in contents:
            try:
                contents[data.identity] = data.read()
            except NoData as error:
                raise NoData(f"{name}: {error}") from None
        brought[name] = contents[data.identity]
    return sandbox.run(Program(code, {}, brought), cancelled=cancelled)
