"""What shows a partition that is not whole."""

import dagster as dg
import polars as pl
from dagster._core.storage.dagster_run import RunsFilter

from darkwood_bench.answer_checks import verdict
from darkwood_bench.assets.slices import RunConfig
from darkwood_bench.launch import open_instance, run_grid
from darkwood_bench.partitions import Cell
from darkwood_bench.resources import Bench


def answers(*kinds: str | None) -> pl.DataFrame:
    rows = [
        {"task_id": f"zoo/{number}", "error": kind and f"it {kind}", "error_kind": kind}
        for number, kind in enumerate(kinds)
    ]
    schema = {"task_id": pl.String, "error": pl.String, "error_kind": pl.String}
    return pl.DataFrame(rows, schema=schema)


def test_some_errors_warn_and_nothing_else_is_an_error() -> None:
    whole = verdict({"m|v": answers(None, None)}, 9)
    assert whole.passed
    assert whole.description == "2 of 2 asked were answered"
    some = verdict({"m|v": answers(None, "timeout")}, 9)
    assert (some.passed, some.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert some.description == "1 of 2 asked were answered; the others: timeout"
    none = verdict({"m|v": answers("over_ram")}, 9)
    assert (none.passed, none.severity) == (False, dg.AssetCheckSeverity.ERROR)


def test_the_last_attempt_is_the_answer() -> None:
    attempts = pl.concat([answers("timeout"), answers(None)])
    assert verdict({"m|v": attempts}, 9).passed


def test_each_partition_of_a_range_has_its_own_result_however_often_it_is_run(
    bench: Bench,
) -> None:
    cells = [Cell("script", variant) for variant in ("minimal", "schema")]
    key = dg.AssetCheckKey(dg.AssetKey("generations"), "answered")
    with open_instance(bench) as instance:
        for _ in range(2):
            run_grid(instance, bench, cells, ["minimal", "schema"], RunConfig(limit=1))
        newest = instance.get_run_records(RunsFilter(), limit=1)[0].dagster_run.run_id
        found = {
            record.event.dagster_event.asset_check_evaluation_data.partition
            for record in instance.event_log_storage.get_asset_check_execution_history(
                key, limit=10
            )
            if record.run_id == newest
            and record.event is not None
            and record.event.dagster_event is not None
        }
    assert found >= {str(cell) for cell in cells}
