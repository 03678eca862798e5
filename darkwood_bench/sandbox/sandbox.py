"""Run programs that nobody has read, each confined in a process of its own."""

import json
import keyword
import os
import time
import unicodedata
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Self

import polars as pl
import psutil

from darkwood_bench.cores import usable_cores
from darkwood_bench.sandbox.child import Child
from darkwood_bench.sandbox.children import Children
from darkwood_bench.sandbox.errors import SandboxError
from darkwood_bench.sandbox.execution import Comparison, Execution, Measured
from darkwood_bench.sandbox.inside import frames
from darkwood_bench.sandbox.inside.formats import FORMATS
from darkwood_bench.sandbox.isolation import probe_isolation, require
from darkwood_bench.sandbox.jail import SCRATCH_FOLDERS
from darkwood_bench.sandbox.limits import Limits
from darkwood_bench.sandbox.payload import PayloadError, PayloadReader
from darkwood_bench.sandbox.supervise import Observed, supervised
from darkwood_bench.sandbox.verdict import Verdict, judge
from darkwood_bench.sandbox.zygote import Zygote, ZygoteFailed
from darkwood_bench.tables import INFRASTRUCTURE
from darkwood_bench.temporary import sweep_temporary

_RETRY_S = 0.2
"""Until what failed for want of something is tried again."""
_INTERRUPT_S = 0.25
"""Until Ctrl-C is noticed: Polars has the system go on with what its signal came into."""
_TAKEN_NAMES = ("pl", "result")


@dataclass(frozen=True)
class Brought:
    """A table that comes with one program, and is gone with it: no other ever sees it."""

    format: str
    """One of `FORMATS`' values: parquet, csv, ipc, ipc_stream."""
    contents: bytes = field(repr=False)
    """Of the file. They are read in the program's own process, confined as it is."""


@dataclass(frozen=True)
class Program:
    """Code that is given some of a sandbox's tables."""

    code: str
    tables: Mapping[str, str]
    """The name that the code finds a table under, and the sandbox's name of it: a sandbox may hold
    several tables that programs each know by one name."""
    brought: Mapping[str, Brought] = field(default_factory=dict)
    """Further tables. They take of the program's memory; times and the peak of memory are counted
    from when they have been read."""


class Sandbox:
    """Runs programs that find each table as an eager DataFrame of its name, and Polars as `pl`.

    A program assigns its answer to `result`: a frame, a LazyFrame (which is collected), a Series
    or a scalar (which become one column). A context manager; it may be shared by threads.
    When it ends, so do programs that still run in other threads, which then raise SandboxError.
    """

    def __init__(
        self,
        tables: Mapping[str, Path],
        limits: Limits = Limits(),  # noqa: B008 - frozen
        *,
        min_isolation: str = "L1",
    ) -> None:
        """`tables`: variable name to a Parquet, CSV or Arrow IPC file.

        Raises SandboxUnavailable where there is less isolation than `min_isolation` (one of L0 to
        L3, see `isolation`), unless DARKWOOD_ALLOW_UNISOLATED=1; SandboxError for a table that
        cannot be one; ValueError for a `min_isolation` that is no level.
        """
        self.tables = {name: _checked(name, Path(path)) for name, path in tables.items()}
        self.limits = limits
        self.isolation = probe_isolation()
        require(self.isolation, min_isolation)
        self._zygote = Zygote(self.tables, limits, self.isolation.confinement)
        self._children = Children(self._zygote)
        self._owner = os.getpid()
        self._payloads = PayloadReader(self.isolation.confinement, limits)

    def __enter__(self) -> Self:
        sweep_temporary(SCRATCH_FOLDERS)
        self._payloads.start()
        return self

    def __exit__(
        self,
        error_class: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if os.getpid() != self._owner:
            return  # all of it is another process's
        self._zygote.close()  # first: what still runs ends, and nothing starts after it
        self._payloads.close()
        self._children.close()

    def run(
        self,
        code: str | Program,
        *,
        wall_s: float | None = None,
        cancelled: Event | None = None,
    ) -> Execution:
        """Run one program to its end, by default with all tables and within the sandbox's own
        limit of time. How it ends is data: see `Execution.status`.

        `cancelled`: once another thread sets it, the program is killed (status killed). What fails
        for no fault of the program's is tried once more. Raises SandboxError when a process cannot
        be started at all, for a table that the sandbox does not have, and when the sandbox is
        closed.
        """
        program = self._program(code)
        limits = self.limits if wall_s is None else replace(self.limits, wall_s=wall_s)
        execution = self._run_in(self._children.next, program, limits, cancelled)
        if execution.status in INFRASTRUCTURE:
            time.sleep(_RETRY_S)
            execution = self._run_in(self._zygote.fork, program, limits, cancelled)
        return execution

    def run_many(
        self, codes: Iterable[str | Program], *, concurrency: int | None = None
    ) -> Iterator[Execution]:
        """Run programs side by side, and yield in their order.

        `concurrency` of them at once, by default as many as there are processors to use; fewer
        when the memory that is free now would not hold them all at their limit. Few more are taken
        from `codes` than are running.
        """
        workers = min(concurrency or usable_cores(), self._most_at_once())
        waiting: deque[Future[Execution]] = deque()
        with ThreadPoolExecutor(workers) as pool:
            try:
                for code in codes:
                    waiting.append(pool.submit(self.run, code))
                    if len(waiting) > workers:
                        yield _awaited(waiting.popleft())
                while waiting:
                    yield _awaited(waiting.popleft())
            finally:
                for future in waiting:
                    future.cancel()

    def measure(
        self, code: str | Program, reference: str | Program, repeats: int = 5
    ) -> Comparison:
        """Run both programs `repeats` times, turn by turn, each time in a fresh warmed-up process.

        Times are the process's CPU clock and memory its high-water mark, both read from outside
        between the moment that the code is handed over and the result; start-up, the tables and
        the engine's warm-up are not in them. Encoding the result is.
        Raises SandboxError when either does not end with status ok.
        """
        programs = self._program(code), self._program(reference)
        series: tuple[list[Execution], list[Execution]] = ([], [])
        for _ in range(repeats):
            for program, runs in zip(programs, series, strict=True):
                fork = partial(self._zygote.fork, warm=True)
                execution = self._run_in(fork, program, self.limits)
                if execution.status != "ok":
                    raise SandboxError(
                        f"cannot be measured: {execution.status}: {execution.error_message}"
                    )
                runs.append(execution)
        return Comparison(*(Measured.of(runs) for runs in series))

    def _most_at_once(self) -> int:
        """How many programs have room in free memory, each at its limit; at least one."""
        return max(1, psutil.virtual_memory().available // self.limits.memory_bytes)

    def _program(self, code: str | Program) -> Program:
        if isinstance(code, str):
            return Program(code, {name: name for name in self.tables})
        for name, table in code.tables.items():
            _check_name(name)
            if table not in self.tables:
                raise SandboxError(
                    f"no table {table!r}; there are {', '.join(self.tables) or 'none'}"
                )
        for name, table in code.brought.items():
            _check_name(name)
            if table.format not in FORMATS.values():
                raise SandboxError(f"table {name!r}: no format {table.format!r}")
        if both := code.tables.keys() & code.brought.keys():
            raise SandboxError(f"table {min(both)!r}: given twice")
        return code

    def _run_in(
        self,
        get_child: Callable[[], Child],
        program: Program,
        limits: Limits,
        cancelled: Event | None = None,
    ) -> Execution:
        if os.getpid() != self._owner:  # both would read from the same pipes
            raise SandboxError(
                "this process is a fork of the sandbox's; open another sandbox in it"
            )
        try:
            child = get_child()
        except ZygoteFailed as error:
            return self._not_set_up(str(error))
        try:
            for name, table in program.tables.items():
                if problem := self._zygote.problems.get(table):
                    child.end()
                    return self._not_set_up(f"table {name}: {problem}")
            message, loads = _message(program), bool(program.brought)
            with supervised(child, message, limits, loads=loads, cancelled=cancelled) as observed:
                if observed.lost or observed.stop == "setup_timeout":
                    self._zygote.replace(child)
                self._children.park()
                verdict = judge(observed, limits, program.code)
                result = self._result(observed, verdict) if verdict.status == "ok" else None
        finally:
            self._children.see_off(child)
        execution = Execution(
            verdict.status,
            self.isolation.level,
            self.isolation.layers,
            verdict.error_class,
            verdict.error_message,
            verdict.error_line,
            wall_s=observed.wall_s,
            cpu_s=observed.cpu_s,
            peak_memory_bytes=observed.peak_memory_bytes,
            stdout=observed.stdout.decode("utf-8", "replace"),
            stderr=observed.stderr.decode("utf-8", "replace"),
        )
        if isinstance(result, PayloadError):
            return replace(execution, status=result.status, error_message=str(result))
        if result is not None:
            return replace(execution, result=result, result_kind=verdict.result_kind)
        return execution

    def _result(self, observed: Observed, verdict: Verdict) -> pl.DataFrame | PayloadError:
        try:
            return self._payloads.read(observed.payload, verdict.wide_integers)
        except PayloadError as error:
            return error

    def _not_set_up(self, reason: str) -> Execution:
        level, layers = self.isolation.level, self.isolation.layers
        return Execution("setup_failed", level, layers, error_message=reason)


def _message(program: Program) -> list[bytes]:
    """What a child is sent, in pieces, so that tables are not copied: see `inside.child`."""
    parts = [frames.pack(frames.NAMES, json.dumps(dict(program.tables)).encode())]
    for name, table in program.brought.items():
        about = {"name": name, "format": table.format}
        parts.append(frames.pack(frames.META, json.dumps(about).encode()))
        parts += [frames.header(frames.DATA, len(table.contents)), table.contents]
    parts.append(frames.pack(frames.CODE, program.code.encode(errors="replace")))
    return parts


def _awaited(future: Future[Execution]) -> Execution:
    while not wait([future], _INTERRUPT_S).done:
        pass
    return future.result()


def _check_name(name: str) -> None:
    """Raises SandboxError for what is no variable's name, or not a program's to have."""
    if name in _TAKEN_NAMES or (name.startswith("__") and name.endswith("__")):
        raise SandboxError(f"table {name!r}: the name has a meaning in programs; choose another")
    if not name.isidentifier() or keyword.iskeyword(name):
        raise SandboxError(f"table {name!r}: not a name that a variable can have")
    if (read_as := unicodedata.normalize("NFKC", name)) != name:
        raise SandboxError(f"table {name!r}: Python reads this name as {read_as!r}; name it so")


def _checked(name: str, path: Path) -> Path:
    _check_name(name)
    if path.suffix not in FORMATS:
        known = ", ".join(sorted(FORMATS))
        raise SandboxError(f"table {name!r}: {path.name} is none of {known}")
    if not path.is_file():
        raise SandboxError(f"table {name!r}: there is no file {path}")
    return path.absolute()
