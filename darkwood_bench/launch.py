"""Running the pipeline from a terminal: the same job, instance and tables as from the UI."""

import os
import re
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

    Raises StageFailure at the first stage that fails, and KeyboardInterrupt when it is stopped.
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
                if _was_interrupted(result):
                    raise KeyboardInterrupt
                raise _failure(result)
            run_ids.append(result.run_id)
    return run_ids


def _failure(result: dg.ExecuteInProcessResult) -> StageFailure:
    """The first thing that went wrong, in the words of who raised it."""
    for check in result.get_asset_check_evaluations():
        if not check.passed:
            table = check.asset_key.to_user_string()
            found = {name: entry.value for name, entry in check.metadata.items()}
            reason = f"the table {table} breaks its contract: {found}"
            return StageFailure(table, reason, result.run_id)
    for event in result.filter_events(lambda event: event.is_step_failure):
        error = event.step_failure_data.error
        while error is not None and error.cause is not None and _is_wrapper(error.cls_name):
            error = error.cause
        # Dagster writes an error as 'module.Class: message'.
        reason = re.sub(r"^[\w.]+: ", "", error.message.strip()) if error is not None else "failed"
        return StageFailure(event.step_key or "?", reason, result.run_id)
    return StageFailure(BENCHMARK, "the run failed before its first stage", result.run_id)


def _was_interrupted(result: dg.ExecuteInProcessResult) -> bool:
    """Whether a signal ended the run: Dagster takes it for a failure of the step it fell in."""
    failures = result.filter_events(lambda event: event.is_step_failure)
    errors = [failure.step_failure_data.error for failure in failures]
    return any(
        error is not None and error.cls_name == dg.DagsterExecutionInterruptedError.__name__
        for error in errors
    )


def _is_wrapper(class_name: str | None) -> bool:
    """Whether an error only says where in Dagster another one came up."""
    return (class_name or "").startswith("Dagster")


def _is_alive(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Whether the process that started a run's newest step, or the run, is still that process."""
    for record in instance.get_records_for_run(run_id, ascending=False).records:
        event = record.event_log_entry.dagster_event
        if event is None or event.pid is None:  # a line of the log, or written by the launcher
            continue
        try:
            return psutil.Process(event.pid).create_time() <= record.event_log_entry.timestamp
        except psutil.NoSuchProcess:
            return False
    return True
