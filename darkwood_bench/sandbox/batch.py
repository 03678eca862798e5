"""Run what many generations answered, each distinct program once, and never again what was run."""

import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from darkwood_bench.identity import content_id
from darkwood_bench.journal import Journal
from darkwood_bench.progress import Progress, Report, silent
from darkwood_bench.sandbox.execution import Execution
from darkwood_bench.sandbox.folders import package_versions
from darkwood_bench.sandbox.isolation import probe_isolation
from darkwood_bench.sandbox.limits import Limits
from darkwood_bench.sandbox.results import ResultStore
from darkwood_bench.sandbox.runner import HERE, ExecutionJob, Runner
from darkwood_bench.tables import INFRASTRUCTURE

_VERSION = 3
"""Raised when a program may end otherwise than it did before; journalled executions then expire."""
_STDOUT_TAIL = 2000
_KEY = "execution_key"


def execute_all(
    jobs: Sequence[ExecutionJob],
    *,
    journal: Journal,
    results: ResultStore,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    runner: Runner = HERE,
    min_isolation: str = "L1",
    report: Report = silent,
    subject: str = "programs",
) -> list[dict[str, Any]]:
    """Rows of the executions table, one for each job, in their order.

    `journal` is keyed by 'execution_key'. What it holds, with a result that is in `results`, is not
    run again; equal code over equal tables is run once; each execution is journalled when it ends,
    unless it failed for no fault of the code's. What timed out or was killed beside others is run
    again alone, after them, and journalled as it ends then. Where `runner` has several levels, an
    execution at any of them stands. `subject` names the work in the progress.
    Raises SandboxUnavailable and SandboxError as `Sandbox` does.
    """
    levels = runner.levels(min_isolation)
    versions = [sandbox_version(level) for level in levels]
    keys = [execution_key(job, limits, versions[0]) for job in jobs]
    kept = journal.read()
    known = {}
    for key, job in zip(keys, jobs, strict=True):
        for name in (execution_key(job, limits, version) for version in versions):
            if key and key not in known and name in kept and _is_whole(kept[name], results):
                known[key] = kept[name]
    to_run = {key: job for key, job in zip(keys, jobs, strict=True) if key and key not in known}
    jobs_of = Counter(keys)
    done = sum(key not in to_run for key in keys)
    report(
        Progress(
            "executions",
            subject,
            done,
            len(jobs),
            note=f"{sum(key in known for key in keys)} reused",
        )
    )
    for key, execution in runner.run(to_run, limits, min_isolation) if to_run else ():
        row = _outcome(execution, results)
        if execution.status not in INFRASTRUCTURE:
            version = sandbox_version(execution.isolation_level)
            journal.append({_KEY: execution_key(to_run[key], limits, version), **row})
        known[key] = row
        done += jobs_of[key]
        report(Progress("executions", subject, done, len(jobs)))
    return [
        {
            "generation_id": job.generation_id,
            "task_id": job.task_id,
            "data_variant": job.data_variant,
            "tables_hash": job.tables_hash,
            **(_without_key(known[key]) if key else _not_run(levels[0])),
        }
        for key, job in zip(keys, jobs, strict=True)
    ]


def execution_key(job: ExecutionJob, limits: Limits, version: str) -> str | None:
    """The id of everything that the outcome depends on; None where there is nothing to run.

    `version`: as `sandbox_version` gives it.
    """
    if job.code is None:
        return None
    return content_id(
        {
            "code": job.code,
            "tables_hash": job.tables_hash,
            "tables": sorted(job.tables),
            "data_variant": job.data_variant,
            "limits": limits.as_json(),
            "sandbox": version,
        }
    )


def sandbox_version(level: str | None = None) -> str:
    """What a program's outcome depends on besides program, tables and limits.

    `level`: of isolation; this machine's by default.
    """
    packages = ", ".join(f"{name} {version}" for name, version in package_versions())
    return (
        f"sandbox {_VERSION}, python {platform.python_version()}, {packages}, "
        f"isolation {level or probe_isolation().level}"
    )


def _outcome(execution: Execution, results: ResultStore) -> dict[str, Any]:
    frame = execution.result
    return {
        "status": execution.status,
        "error_class": execution.error_class,
        "error_message": execution.error_message,
        "error_line": execution.error_line,
        "wall_s": execution.wall_s,
        "cpu_s": execution.cpu_s,
        "peak_memory_bytes": execution.peak_memory_bytes,
        "rows": None if frame is None else frame.height,
        "columns": None if frame is None else frame.width,
        "result_hash": None if frame is None else results.put(frame),
        "stdout_tail": execution.stdout[-_STDOUT_TAIL:],
        "isolation_level": execution.isolation_level,
    }


def _not_run(level: str) -> dict[str, Any]:
    return {
        "status": "not_run",
        "error_class": None,
        "error_message": None,
        "error_line": None,
        "wall_s": 0.0,
        "cpu_s": 0.0,
        "peak_memory_bytes": 0,
        "rows": None,
        "columns": None,
        "result_hash": None,
        "stdout_tail": "",
        "isolation_level": level,
    }


def _is_whole(row: Mapping[str, Any], results: ResultStore) -> bool:
    return row["result_hash"] is None or row["result_hash"] in results


def _without_key(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != _KEY}
