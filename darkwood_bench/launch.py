"""Running the pipeline from a terminal: the same job, instance and tables as from the UI."""

import os
import shutil
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

import dagster as dg
from dagster._core.storage.compute_log_manager import CapturedLogContext

from darkwood_bench.assets.slices import RunConfig
from darkwood_bench.assets.sources import report_changed_sources
from darkwood_bench.automation import BENCHMARK, run_config
from darkwood_bench.claims import holder
from darkwood_bench.dead_runs import end_dead_runs
from darkwood_bench.definitions import build_definitions
from darkwood_bench.disk_faults import disk_faults_named, with_way_out
from darkwood_bench.failure_reasons import run_reason
from darkwood_bench.partitions import POOL, Cell, by_model, contiguous, range_tags
from darkwood_bench.progress import Progress
from darkwood_bench.resources import Bench
from darkwood_bench.settings import PROJECT

CONFIG = "dagster.yaml"
WAIT_S = 1.0


class StageFailure(Exception):
    """A stage of a run failed; what was finished before it stands."""

    def __init__(self, step: str, reason: str, run_id: str) -> None:
        super().__init__(f"{step}: {reason}")
        self.run_id = run_id


def open_instance(bench: Bench) -> dg.DagsterInstance:
    """The Dagster instance of the bench's home, its dead runs put away.

    A home without a dagster.yaml is given the project's: without one there would be no limit on
    the pool, and so two generations at once.
    """
    home = bench.settings.dagster_home
    try:
        home.mkdir(parents=True, exist_ok=True)
        if not (home / CONFIG).exists():
            shutil.copyfile(PROJECT / "dagster_home" / CONFIG, home / CONFIG)
    except OSError as error:
        raise OSError(
            f"DAGSTER_HOME {home}: {error.strerror}; set it to a folder that can be written"
        ) from error
    os.environ["DAGSTER_HOME"] = str(home)
    instance = dg.DagsterInstance.get()
    _keep_interrupts_from_log_followers(instance)
    end_dead_runs(instance)
    return instance


def _keep_interrupts_from_log_followers(instance: dg.DagsterInstance) -> None:
    """Dagster follows a step's log with processes of its own. A terminal sends Ctrl-C to them too,
    and each would print a traceback; they are ended with the step anyway, by SIGTERM."""
    follow = instance.compute_log_manager.capture_logs

    @contextmanager
    def capture_logs(log_key: Sequence[str]) -> Iterator[CapturedLogContext]:
        with ExitStack() as followers:
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # they inherit it
            try:
                context = followers.enter_context(follow(log_key))
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
            yield context

    instance.compute_log_manager.capture_logs = capture_logs


def wait_for_pool(instance: dg.DagsterInstance, bench: Bench) -> None:
    """Wait until no other run holds the pool; a run of ours would wait too, but deaf to Ctrl-C."""
    while holders := _holders(instance):
        bench.report(Progress("waiting", f"for run {holders[0][:8]}, which is measuring", 0, 1))
        time.sleep(WAIT_S)
        end_dead_runs(instance)


def wait_for_partitions(bench: Bench, cells: Sequence[Cell]) -> None:
    """Wait until no other run is at work on a partition; our run would wait too, deaf to Ctrl-C."""
    for cell in cells:
        while run := holder(bench.settings.store, cell):
            said = f"for run {run[:8]}, which is at work on {cell}"
            bench.report(Progress("waiting", said, 0, 1))
            time.sleep(WAIT_S)


def _holders(instance: dg.DagsterInstance) -> list[str]:
    """The runs that hold a place in the pool, and are not over."""
    info = instance.event_log_storage.get_concurrency_info(POOL)
    runs = [instance.get_run_by_id(slot.run_id) for slot in info.claimed_slots]
    return [run.run_id for run in runs if run is not None and not run.is_finished]


def run_grid(
    instance: dg.DagsterInstance,
    bench: Bench,
    chosen: Sequence[Cell],
    variant_order: Sequence[str],
    config: RunConfig,
    tags: Mapping[str, str] | None = None,
) -> list[str]:
    """Materialize partitions, one run for a model's neighbouring variants, and give the run ids.

    `tags` are added to each run's.

    Raises StageFailure at the first stage that fails, and KeyboardInterrupt when it is stopped.
    """
    report_changed_sources(instance, bench.settings)
    job = build_definitions(bench).resolve_job_def(BENCHMARK)
    fields = config.model_dump()
    run_ids = []
    for model, partitions in by_model(chosen).items():
        variants = [cell.variant for cell in partitions]
        wait_for_partitions(bench, partitions)
        for first, last in contiguous(variants, variant_order):
            wait_for_pool(instance, bench)
            with disk_faults_named(bench.settings.dagster_home):
                result = job.execute_in_process(
                    instance=instance,
                    tags={**range_tags(Cell(model, first), Cell(model, last)), **(tags or {})},
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
        if check.blocking and not check.passed:
            table = check.asset_key.to_user_string()
            found = {name: entry.value for name, entry in check.metadata.items()}
            reason = f"the table {table} breaks its contract: {found}"
            return StageFailure(table, reason, result.run_id)
    found = run_reason(result.all_events)
    if found is None:
        return StageFailure(BENCHMARK, "the run failed before its first stage", result.run_id)
    stage, reason = found
    return StageFailure(stage, with_way_out(reason), result.run_id)


def _was_interrupted(result: dg.ExecuteInProcessResult) -> bool:
    """Whether a signal ended the run: Dagster takes it for a failure of the step it fell in."""
    failures = result.filter_events(lambda event: event.is_step_failure)
    errors = [failure.step_failure_data.error for failure in failures]
    return any(
        error is not None and error.cls_name == dg.DagsterExecutionInterruptedError.__name__
        for error in errors
    )
