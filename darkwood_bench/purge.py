"""Old runs' records taken out of Dagster's storage, so that it stays small and the UI quick.

Tables, past scores, journals and results are not Dagster's, and stay. So does every run that made
the newest materialization of some partition: what it is, and where it came from, stays in the UI.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
from dagster._core.storage.dagster_run import FINISHED_STATUSES
from dagster._core.storage.event_log.sqlite import SqliteEventLogStorage

KEEP_DAYS = 30
MOST_OUTPUT = 1_000_000
"""Bytes that are kept of what one step wrote to its standard output, or error: the last of them."""
_AT_ONCE = 500


@dataclass(frozen=True)
class Purged:
    """What a purge took away, or would."""

    runs: int
    kept: int
    """Finished runs of that age that stay: they made some partition's newest table."""
    shortened: int
    """Outputs of steps that were cut to their end."""

    def __str__(self) -> str:
        return (
            f"{self.runs} runs are gone, {self.kept} as old are kept for the newest tables that "
            f"they made, {self.shortened} outputs of steps were cut to their last "
            f"{MOST_OUTPUT / 1e6:g} MB"
        )


def purge(
    instance: dg.DagsterInstance, keep_days: float = KEEP_DAYS, *, dry_run: bool = False
) -> Purged:
    """Delete the records, events and output of finished runs that are older than so many days.

    Raises sqlite3.OperationalError where another process writes for longer than SQLite waits.
    """
    before = datetime.now(UTC) - timedelta(days=keep_days)
    filters = dg.RunsFilter(statuses=list(FINISHED_STATUSES), created_before=before)
    old = [record.dagster_run.run_id for record in instance.get_run_records(filters)]
    needed = _makers_of_the_newest(instance)
    gone = [run_id for run_id in old if run_id not in needed]
    if dry_run:
        return Purged(len(gone), len(old) - len(gone), len(_long_outputs(instance)))
    for run_id in gone:
        instance.delete_run(run_id)
        instance.compute_log_manager.delete_logs(prefix=[run_id])
        _delete_shard(instance, run_id)
    shortened = _long_outputs(instance)
    for path in shortened:
        _keep_the_end(path)
    if gone:
        for path in _databases(instance):
            with closing(sqlite3.connect(path, timeout=30)) as database:
                database.execute("VACUUM")
    return Purged(len(gone), len(old) - len(gone), len(shortened))


def _makers_of_the_newest(instance: dg.DagsterInstance) -> set[str]:
    """Ids of the runs that made the newest materialization of an asset, or of a partition of it."""
    storage = instance.event_log_storage
    ids: list[int] = []
    runs: set[str] = set()
    for key in storage.all_asset_keys():
        newest = storage.get_latest_storage_id_by_partition(
            key, dg.DagsterEventType.ASSET_MATERIALIZATION
        )
        ids = list(newest.values())
        for start in range(0, len(ids), _AT_ONCE):
            wanted = dg.AssetRecordsFilter(key, storage_ids=ids[start : start + _AT_ONCE])
            found = storage.fetch_materializations(wanted, limit=_AT_ONCE)
            runs |= {record.run_id for record in found.records}
        last = instance.get_latest_materialization_event(key)
        if last is not None:
            runs.add(last.run_id)
    return runs


def _delete_shard(instance: dg.DagsterInstance, run_id: str) -> None:
    """The file that SQLite has a run's events in; Dagster empties it and leaves it there."""
    storage = instance.event_log_storage
    if isinstance(storage, SqliteEventLogStorage):
        path = Path(storage.path_for_shard(run_id))
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)


def _databases(instance: dg.DagsterInstance) -> list[Path]:
    history = Path(instance.root_directory) / "history"
    return [path for path in (history / "runs.db", history / "runs" / "index.db") if path.exists()]


def _long_outputs(instance: dg.DagsterInstance) -> list[Path]:
    """Output of steps that is longer than is kept, of runs that are over."""
    folder = Path(instance.root_directory) / "storage"
    outputs = [*folder.glob("*/compute_logs/*.out"), *folder.glob("*/compute_logs/*.err")]
    return [path for path in outputs if path.stat().st_size > MOST_OUTPUT and _over(instance, path)]


def _over(instance: dg.DagsterInstance, output: Path) -> bool:
    run = instance.get_run_by_id(output.parent.parent.name)
    return run is None or run.is_finished


def _keep_the_end(path: Path) -> None:
    with path.open("rb") as file:
        file.seek(-MOST_OUTPUT, 2)
        end = file.read()
    path.write_bytes(b"(what came before was purged)\n" + end[end.find(b"\n") + 1 :])
