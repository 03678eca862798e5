"""Dry runs: gold code passes whatever its suite, and what fails on any data is found."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from darkwood_bench.assets.bank import open_bank
from darkwood_bench.assets.dry_runs import DryRuns, problem_of
from darkwood_bench.progress import silent
from darkwood_bench.sandbox import Execution
from darkwood_bench.settings import PROJECT, settings_from_env

SUITES = sorted(path.parent.name for path in (PROJECT / "datasets").glob("*/suite.yaml"))


@pytest.fixture(scope="module")
def dry_runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DryRuns]:
    settings = replace(
        settings_from_env(),
        dagster_home=tmp_path_factory.mktemp("home"),
        datasets=PROJECT / "datasets",
        cache=tmp_path_factory.mktemp("cache"),
        tables=str(tmp_path_factory.mktemp("tables")),
    )
    with DryRuns(open_bank(settings, silent)) as runs:
        yield runs


@pytest.mark.parametrize("suite", SUITES)
def test_gold_passes_without_data(dry_runs: DryRuns, suite: str) -> None:
    for task in dry_runs.bank.suites[suite].tasks:
        if task.split == "examples":
            row = {"suite": suite, "tables": task.tables}
            assert dry_runs.check(row, task.gold_code).problem is None, task.task_id


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ('result = region.select("nothing")', "ColumnNotFoundError"),
        ("result = regions.head(2)", "NameError"),
        ("result = region.hed(2)", "AttributeError"),
        ('x = 1\nresult = region.filter(pl.col("r_name") > 2)', "ComputeError"),
        ('result = region.sort("r_name", ascending=True)', "TypeError"),
        ('result = pl.read_csv("region.csv")', "FileNotFoundError"),
        ("result = region.head(", "SyntaxError"),
        ("region.head(2)", None),
        ("result = [1, 2]", "list"),
    ],
)
def test_what_fails_on_any_data_is_found(dry_runs: DryRuns, code: str, error: str | None) -> None:
    problem = dry_runs.check({"suite": "tpch", "tables": ["region"]}, code).problem
    assert problem is not None
    assert problem.error_class == error


@pytest.mark.parametrize(
    "code",
    [
        "result = region.item(0, 0)",
        'result = region["r_regionkey"].max() + 1',
        'result = region.select(pl.col("r_name").str.to_date())',
        'result = region.pivot("r_name", index="r_comment", values="r_regionkey").select("ASIA")',
        'result = region.select(x=1 / pl.lit(region["r_regionkey"].sum()))',
    ],
)
def test_what_needs_data_is_not_blamed(dry_runs: DryRuns, code: str) -> None:
    assert dry_runs.check({"suite": "tpch", "tables": ["region"]}, code).problem is None


def test_only_the_tasks_own_tables_are_there(dry_runs: DryRuns) -> None:
    task = {"suite": "tpch", "tables": ["region"]}
    problem = dry_runs.check(task, "result = nation.head(1)").problem
    assert problem is not None
    assert problem.line == "result = nation.head(1)"


def test_a_dry_run_ends_when_its_time_is_over_and_says_what_it_took(dry_runs: DryRuns) -> None:
    task = {"suite": "tpch", "tables": ["region"]}
    began = time.monotonic()
    assert dry_runs.check(task, "while True: pass", 0.3).problem is None
    assert time.monotonic() - began < 5
    assert dry_runs.check(task, "result = nation.head(1)", 0.0).problem is None
    large = dry_runs.check(task, "x = b'x' * 50_000_000\nresult = region").peak_memory_bytes
    assert 40_000_000 < large < 500_000_000


def test_an_execution_that_was_stopped_says_nothing() -> None:
    assert problem_of("result = 1", Execution("timeout", "L3", ())) is None
