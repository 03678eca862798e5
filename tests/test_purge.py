"""Old runs leave Dagster's storage; what is newest of each partition, and every table, stays."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from darkwood_bench.assets.metadata import logged
from darkwood_bench.assets.slices import RunConfig
from darkwood_bench.launch import open_instance, run_grid
from darkwood_bench.partitions import Cell
from darkwood_bench.progress import Progress, silent
from darkwood_bench.prompting import load_variants
from darkwood_bench.purge import MOST_OUTPUT, purge
from darkwood_bench.purge_job import purge_daily, purge_runs
from darkwood_bench.resources import Bench
from darkwood_bench.score_history import past_scores
from darkwood_bench.storage import read_table

SCORES = dg.AssetKey("scores")


@pytest.fixture
def instance(bench: Bench) -> Iterator[dg.DagsterInstance]:
    with open_instance(bench) as instance:
        yield instance


def run(instance: dg.DagsterInstance, bench: Bench, variant: str) -> str:
    order = list(load_variants(bench.settings.variants))
    (run_id,) = run_grid(
        instance, bench, [Cell("script", variant)], order, RunConfig(limit=1, regenerate=True)
    )
    return run_id


def test_a_purge_leaves_the_newest_of_each_partition(
    instance: dg.DagsterInstance, bench: Bench, tmp_path: Path
) -> None:
    bench = Bench(replace(bench.settings, tables=str(tmp_path / "tables")))
    old, other, new = (run(instance, bench, name) for name in ("minimal", "schema", "minimal"))
    home = Path(instance.root_directory)
    output = next((home / "storage" / new / "compute_logs").glob("*.err"))
    output.write_bytes(b"line\n" * MOST_OUTPUT)

    assert purge(instance, keep_days=1).runs == 0
    assert purge(instance, keep_days=0, dry_run=True).runs == 1
    assert instance.get_run_by_id(old) is not None
    output.write_bytes(b"line\n" * MOST_OUTPUT)
    found = purge(instance, keep_days=0)
    assert (found.runs, found.kept, found.shortened) == (1, 2, 1)

    assert instance.get_run_by_id(old) is None
    assert not [path for path in home.rglob(f"*{old}*") if path.is_file()]
    assert output.stat().st_size <= MOST_OUTPUT + 100
    assert instance.get_materialized_partitions(SCORES) == {"script|minimal", "script|schema"}
    for run_id in (other, new):
        assert instance.get_run_by_id(run_id) is not None
        assert instance.get_records_for_run(run_id).records
    assert len(past_scores(bench.settings.tables)) == 3
    assert read_table(bench.settings.tables, "leaderboard").height == 2
    assert purge(instance, keep_days=0).runs == 0


def test_the_schedule_launches_a_job_that_purges(instance: dg.DagsterInstance) -> None:
    assert purge_daily.default_status == dg.DefaultScheduleStatus.RUNNING
    assert purge_daily.job_name == purge_runs.name
    assert purge_runs.execute_in_process(instance=instance).success


def test_the_log_of_a_long_stage_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("darkwood_bench.assets.metadata.monotonic", lambda: now)
    context = dg.build_asset_context()
    lines: list[str] = []
    monkeypatch.setattr(type(context.log), "info", lambda _, line: lines.append(line))
    report = logged(context, silent)
    for second in range(8 * 3600):
        now += 1
        report(Progress("generations", "m v", second, 8 * 3600))
    report(Progress("generations", "m v", 8 * 3600, 8 * 3600))
    assert 50 < len(lines) < 300
    assert "28800 of 28800" in lines[-1]
