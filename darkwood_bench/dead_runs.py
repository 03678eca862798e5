"""Runs whose process was killed, put away so that they hold nothing up.

Dagster leaves such a run 'started', and with it its place in the pool, until somebody says that it
is over; on one machine that can be seen from its process.
"""

import dagster as dg
import psutil
from dagster._core.launcher import WorkerStatus
from dagster._core.storage.runs.sqlite import SqliteRunStorage

ACTIVE = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.CANCELING]


def end_dead_runs(instance: dg.DagsterInstance) -> list[str]:
    """Mark runs as failed whose process is gone, free what they held, and give their ids.

    Where storage is SQLite, every run is on this machine. Elsewhere Dagster's own monitoring looks
    after runs that have started, and this after those whose job ended before they could.
    """
    if not isinstance(instance.run_storage, SqliteRunStorage):
        return _end_unstarted_runs(instance)
    dead = [
        run
        for run in instance.get_runs(dg.RunsFilter(statuses=ACTIVE))
        if not _is_alive(instance, run.run_id)
    ]
    for run in dead:
        instance.report_run_failed(run, "The process of this run is gone: it was killed.")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    return [run.run_id for run in dead]


def _end_unstarted_runs(instance: dg.DagsterInstance) -> list[str]:
    """Runs that wait for a node are left alone, however long."""
    launcher = instance.run_launcher
    if not launcher.supports_check_run_worker_health:
        return []
    ended = []
    for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTING])):
        health = launcher.check_run_worker_health(run)
        # It may have started, and ended, since it was listed.
        now = instance.get_run_by_id(run.run_id)
        if health.status != WorkerStatus.FAILED or now is None or now.status != run.status:
            continue
        instance.report_run_failed(run, f"The job ended before the run began: {health.msg}")
        ended.append(run.run_id)
    return ended


def _is_alive(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Whether the process that started a run's newest step, or the run, is still that process."""
    for record in instance.get_records_for_run(run_id, ascending=False).records:
        event = record.event_log_entry.dagster_event
        if event is None or event.pid is None:  # a line of the log, or written by the launcher
            continue
        try:
            process = psutil.Process(event.pid)
            if process.status() == psutil.STATUS_ZOMBIE:  # its parent has not asked for it yet
                return False
            return process.create_time() <= record.event_log_entry.timestamp
        except psutil.NoSuchProcess:
            return False
    return True
