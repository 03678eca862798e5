"""Executions over the nodes of a Ray cluster: batches as tasks, each in that node's own sandbox.

A task takes one slot of a node (`nodes.SLOTS`) and no CPU of Ray's, so that only nodes that were
started with slots run code, and nodes that generate keep their processors to themselves. Tables
travel once a node, by the hash of their content. A batch whose node is lost goes to another.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import ray
from ray.exceptions import RayError, RayTaskError

from darkwood_bench.cluster.nodes import SLOTS, allowed_levels, executing_nodes, on_any
from darkwood_bench.sandbox import (
    Execution,
    ExecutionJob,
    Limits,
    SandboxError,
    by_suite,
    is_doubtful,
    run_once,
)
from darkwood_bench.settings import settings_from_env

BATCH = 96
"""Jobs of a task. A task starts a sandbox, which takes as long as some dozens of small queries."""
TABLES = "cluster-tables"
"""The folder of a node's cache where tables of other machines are kept, by their hashes."""
_BACKLOG = 2
"""Tasks that are submitted for each slot of the cluster: the next is there when one ends."""
_LOST_NODES = 5
"""How many nodes may be lost under one batch before the run fails."""

Table = tuple[str, Any]
"""Name of a file by its content, and Ray's reference to the content."""


@dataclass
class RayNodes:
    """Runs jobs on the cluster that RAY_ADDRESS, or the job that this is, names."""

    batch: int = BATCH
    _tables: dict[Path, Table] = field(default_factory=dict, repr=False)

    def levels(self, min_isolation: str) -> Sequence[str]:
        """Those of all nodes that run code.

        Raises SandboxUnavailable for a node that is weaker, SandboxError for one of other versions
        or where there is none.
        """
        return allowed_levels(executing_nodes(), min_isolation)

    def run(
        self, jobs: Mapping[str, ExecutionJob], limits: Limits, min_isolation: str
    ) -> Iterator[tuple[str, Execution]]:
        """Batches of a suite's jobs, as they come back. What ended so that others beside it may be
        why is run again at the end, alone on its node. Raises as `Sandbox` does."""
        nodes = executing_nodes()
        doubtful: list[str] = []
        for key, execution in self._spread(self._batches(jobs), jobs, limits, min_isolation, nodes):
            if is_doubtful(execution):
                doubtful.append(key)
            else:
                yield key, execution
        # All slots of a node, so that nothing else runs there.
        widest = max(node.slots for node in nodes)
        yield from self._spread(
            [[key] for key in doubtful], jobs, limits, min_isolation, nodes, slots=widest
        )

    def _batches(self, jobs: Mapping[str, ExecutionJob]) -> list[list[str]]:
        """Keys of jobs that share a suite, and as few data variants as can be: a sandbox loads the
        tables of all its jobs."""
        batches = []
        for keys in by_suite(jobs):
            ordered = sorted(keys, key=lambda key: (jobs[key].data_variant, key))
            batches += [ordered[at : at + self.batch] for at in range(0, len(ordered), self.batch)]
        return batches

    def _spread(
        self,
        batches: Sequence[Sequence[str]],
        jobs: Mapping[str, ExecutionJob],
        limits: Limits,
        min_isolation: str,
        nodes: Sequence[Any],
        slots: int = 1,
    ) -> Iterator[tuple[str, Execution]]:
        waiting = list(reversed(batches))
        running: list[Any] = []
        at_most = max(1, _BACKLOG * on_any(nodes) // slots)
        try:
            while waiting or running:
                while waiting and len(running) < at_most:
                    sent = [(key, self._sent(jobs[key])) for key in waiting.pop()]
                    task = _run_batch.options(resources={SLOTS: slots}, max_retries=_LOST_NODES)
                    running.append(task.remote(sent, limits, min_isolation))
                (ended,), running = ray.wait(running, num_returns=1)
                yield from _result(ended)
        finally:
            for ref in running:
                ray.cancel(ref, force=True)

    def _sent(self, job: ExecutionJob) -> tuple[ExecutionJob, dict[str, Table]]:
        """A job without paths, which mean nothing elsewhere, and its tables."""
        return replace(job, tables={}), {
            name: self._table(path) for name, path in job.tables.items()
        }

    def _table(self, path: Path) -> Table:
        if path not in self._tables:
            content = path.read_bytes()
            name = f"{hashlib.sha256(content).hexdigest()}{path.suffix}"
            self._tables[path] = name, ray.put(content)
        return self._tables[path]


@ray.remote(num_cpus=0)
def _run_batch(
    sent: Sequence[tuple[str, tuple[ExecutionJob, Mapping[str, Table]]]],
    limits: Limits,
    min_isolation: str,
) -> list[tuple[str, Execution]]:
    """On a node: the executions of a batch, one after another in a sandbox of its own."""
    folder = settings_from_env().cache / TABLES
    folder.mkdir(parents=True, exist_ok=True)
    jobs = {
        key: replace(job, tables={name: _here(folder, table) for name, table in tables.items()})
        for key, (job, tables) in sent
    }
    return list(run_once(jobs, limits, min_isolation, concurrency=1))


def _here(folder: Path, table: Table) -> Path:
    """A table as a file of this node, fetched the first time."""
    name, content = table
    path = folder / name
    if not path.exists():
        part = path.with_name(f".{name}.{uuid4().hex}.part")
        part.write_bytes(ray.get(content))
        part.rename(path)
    return path


def _result(ref: Any) -> list[tuple[str, Execution]]:
    try:
        return ray.get(ref)
    except RayTaskError as error:
        if isinstance(error.cause, SandboxError):
            raise error.cause from error
        raise
    except RayError as error:
        raise SandboxError(
            f"executions were lost ({' '.join(str(error).split())[:300]}); see `ray status`, then "
            "run again"
        ) from error
