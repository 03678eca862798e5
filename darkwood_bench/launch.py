"""Running the pipeline from a terminal: the same job, instance and tables as from the UI."""

import os
from collections.abc import Sequence

import dagster as dg
import psutil
from dagster._core.storage.runs.sqlite import SqliteRunStorage

from darkwood_bench.assets.slices import RunConfig
from darkwood_bench.automation import BENCHMARK, run_config
from darkwood_bench.definitions import build_definitions
from darkwood_bench.partitions import Cell, by_model, contiguous, range_tags
from darkwood_bench.resources import Bench

ACTIVE = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.CANCELING]


class StageFailure(Exception):
    """A stage of a run failed; what was finished before it stands."""

    def __init__(self, step: str, reason: str, run_id: str) -> None:
        super().__init__(f"{step}: {reason}")
        self.run_id = run_id


def open_instance(bench: Bench) -> dg.DagsterInstance:
    """The Dagster instance of the bench's home, its dead runs put away.

    A run whose process was killed stays 'started', and holds its place in the `gpu` pool, until
    somebody says that it is over; on one machine that can be seen from its process.
    """
    home = bench.settings.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    os.environ["DAGSTER_HOME"] = str(home)
    instance = dg.DagsterInstance.get()
    end_dead_runs(instance)
    return instance


def end_dead_runs(instance: dg.DagsterInstance) -> list[str]:
    """Mark runs as failed whose process is gone, free what they held, and give their ids.

    Only where storage is SQLite: then every run is on this machine.
    """
    if not isinstance(instance.run_storage, SqliteRunStorage):
        return []
    dead = [
        run
        for run in instance.get_runs(dg.RunsFilter(statuses=ACTIVE))
        if not _is_alive(instance, run.run_id)
    ]
    for run in dead:
        instance.report_run_failed(run, "The process of this run is gone: it was killed.")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    return [run.run_id for run in dead]


def run_grid(
    instance: dg.DagsterInstance,
    bench: Bench,
    chosen: Sequence[Cell],
    variant_order: Sequence[str],
    config: RunConfig,
) -> list[str]:
    """Materialize partitions, one run for a model's neighbouring variants, and give the run ids.

    Raises StageFailure at the first stage that fails.
    """
    job = build_definitions(bench).resolve_job_def(BENCHMARK)
    fields = config.model_dump()
    run_ids = []
    for model, partitions in by_model(chosen).items():
        variants = [cell.variant for cell in partitions]
        for first, last in contiguous(variants, variant_order):
            result = job.execute_in_process(
                instance=instance,
                tags=range_tags(Cell(model, first), Cell(model, last)),
                run_config=run_config(**fields)
                | {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                raise_on_error=False,
            )
            if not result.success:
                raise _failure(result)
            run_ids.append(result.run_id)
    return run_ids


def _failure(result: dg.ExecuteInProcessResult) -> StageFailure:
    for event in result.filter_events(lambda event: event.is_step_failure):
        error = event.step_failure_data.error
        while error is not None and error.cause is not None:
            error = error.cause
        reason = error.message.strip() if error is not None else "failed"
        return StageFailure(event.step_key or "?", reason, result.run_id)
    failed = [
        f"{check.asset_key.to_user_string()} breaks its contract: {dict(check.metadata)}"
        for check in result.get_asset_check_evaluations()
        if not check.passed
    ]
    return StageFailure("check", "; ".join(failed) or "the run failed", result.run_id)


def _is_alive(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Whether the process that last wrote to a run's log is still that process."""
    events = instance.get_records_for_run(run_id, limit=1, ascending=False).records
    if not events:
        return True
    entry = events[0].event_log_entry
    pid = entry.dagster_event.pid if entry.dagster_event is not None else None
    if pid is None:
        return True
    try:
        return psutil.Process(pid).create_time() <= entry.timestamp
    except psutil.NoSuchProcess:
        return False
