"""Candidates are run over the question's own tables, and numbered by their results."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from darkwood_bench.assets.bank import open_bank
from darkwood_bench.assets.candidate_runs import CandidateRuns
from darkwood_bench.progress import silent
from darkwood_bench.settings import PROJECT, settings_from_env

TASK = {"suite": "tpch", "tables": ["region"], "task_id": "tpch/a"}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CandidateRuns]:
    settings = replace(
        settings_from_env(),
        dagster_home=tmp_path_factory.mktemp("home"),
        datasets=PROJECT / "datasets",
        cache=tmp_path_factory.mktemp("cache"),
        tables=str(tmp_path_factory.mktemp("tables")),
    )
    with CandidateRuns(open_bank(settings, silent)) as opened:
        opened.prepare(TASK)
        yield opened


def test_equal_results_have_one_number_however_they_are_written(runs: CandidateRuns) -> None:
    first = runs.run(TASK, "result = region.select('r_name')")
    assert first.peak_memory_bytes > 0
    again = runs.run(TASK, "result = region.sort('r_name').select(pl.col('r_name'))")
    other = runs.run(TASK, "result = region.head(2).select('r_name')")
    assert (first.group, again.group, other.group) == (0, 0, 1)
    assert runs.run({**TASK, "task_id": "tpch/b"}, "result = region.head(2)").group == 0


@pytest.mark.parametrize(
    "code", ["result = region.nope()", "x = 1", "result = nation", "while 1: 1"]
)
def test_what_gives_no_result_has_no_vote(runs: CandidateRuns, code: str) -> None:
    assert runs.run(TASK, code, 0.5).group is None


def test_without_time_nothing_is_run(runs: CandidateRuns) -> None:
    assert runs.run(TASK, "result = region", 0.0).group is None
