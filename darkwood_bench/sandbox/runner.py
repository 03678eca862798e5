"""Where jobs run: here, or wherever else somebody makes a `Runner` for."""

import errno
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from darkwood_bench.sandbox.execution import Execution
from darkwood_bench.sandbox.isolation import probe_isolation
from darkwood_bench.sandbox.limits import Limits
from darkwood_bench.sandbox.sandbox import Program, Sandbox

_LOAD_DEPENDENT = frozenset({"timeout", "killed"})
"""Ends that other programs beside it, or a machine short of memory, can bring about."""
_NO_MORE_PROCESSES = os.strerror(errno.EAGAIN)
"""What the engine says when the user has as many threads as the system allows."""


@dataclass(frozen=True)
class ExecutionJob:
    """One program over one variant of its tables."""

    generation_id: str
    task_id: str
    code: str | None
    """None where the generation holds no code: nothing is run."""
    tables: Mapping[str, Path]
    tables_hash: str
    """Of the tables' contents."""
    data_variant: str


class Runner(Protocol):
    """Runs jobs somewhere. Both methods raise SandboxUnavailable where there is less isolation than
    `min_isolation`, and SandboxError as `Sandbox` does."""

    def levels(self, min_isolation: str) -> Sequence[str]:
        """The isolation levels that jobs may run at, strongest first; at least one."""
        ...

    def run(
        self, jobs: Mapping[str, ExecutionJob], limits: Limits, min_isolation: str
    ) -> Iterator[tuple[str, Execution]]:
        """Run jobs by key, each with the Python and the packages that are here; each key comes
        once, in any order. What timed out or was killed beside others has been run again alone."""
        ...


@dataclass(frozen=True)
class Here:
    """Runs jobs on this machine."""

    concurrency: int | None = None
    """Programs at once; None is as many as `Sandbox.run_many` thinks right."""

    def levels(self, min_isolation: str) -> Sequence[str]:
        """This machine's; whether it is enough is seen when something is run."""
        return (probe_isolation().level,)

    def run(
        self, jobs: Mapping[str, ExecutionJob], limits: Limits, min_isolation: str
    ) -> Iterator[tuple[str, Execution]]:
        """Those of one suite in one sandbox."""
        for keys in by_suite(jobs):
            with _sandbox_for(jobs, keys, limits, min_isolation) as (sandbox, programs):
                doubtful: list[str] = []
                executions = sandbox.run_many(programs.values(), concurrency=self.concurrency)
                for key, execution in zip(keys, executions, strict=True):
                    if is_doubtful(execution):
                        doubtful.append(key)
                    else:
                        yield key, execution
                for key in doubtful:
                    yield key, sandbox.run(programs[key])


HERE = Here()


def run_once(
    jobs: Mapping[str, ExecutionJob], limits: Limits, min_isolation: str, concurrency: int
) -> Iterator[tuple[str, Execution]]:
    """Run jobs by key here, each once, those of one suite in one sandbox: see `is_doubtful`.

    Raises SandboxUnavailable and SandboxError as `Sandbox` does.
    """
    for keys in by_suite(jobs):
        with _sandbox_for(jobs, keys, limits, min_isolation) as (sandbox, programs):
            executions = sandbox.run_many(programs.values(), concurrency=concurrency)
            yield from zip(keys, executions, strict=True)


@contextmanager
def _sandbox_for(
    jobs: Mapping[str, ExecutionJob], keys: Sequence[str], limits: Limits, min_isolation: str
) -> Iterator[tuple[Sandbox, dict[str, Program]]]:
    """A sandbox with the tables of some of the jobs, and their programs by key."""
    paths = dict.fromkeys(path for key in keys for path in jobs[key].tables.values())
    places = {path: f"table_{number}" for number, path in enumerate(paths)}
    tables = {place: path for path, place in places.items()}
    programs = {
        key: Program(
            jobs[key].code or "", {name: places[path] for name, path in jobs[key].tables.items()}
        )
        for key in keys
    }
    with Sandbox(tables, limits, min_isolation=min_isolation) as sandbox:
        yield sandbox, programs


def is_doubtful(execution: Execution) -> bool:
    """Whether something else than the program may have made it end so."""
    message = execution.error_message or ""
    return execution.status in _LOAD_DEPENDENT or _NO_MORE_PROCESSES in message


def by_suite(jobs: Mapping[str, ExecutionJob]) -> list[list[str]]:
    """Keys of the jobs that share a sandbox, those of one suite over all variants of its data: few
    sandboxes, for each takes a while to start."""
    groups: dict[str, list[str]] = defaultdict(list)
    for key, job in jobs.items():
        groups[job.task_id.partition("/")[0]].append(key)
    return list(groups.values())
