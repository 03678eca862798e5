"""A score can be made again from its description, apart from everything that is kept."""

from pathlib import Path
from typing import Any

import pytest

from darkwood_bench.assets.scores import budgets_text
from darkwood_bench.assets.slices import RunConfig
from darkwood_bench.harness import Budgets
from darkwood_bench.launch import open_instance, run_grid
from darkwood_bench.partitions import Cell
from darkwood_bench.prompting import load_variants
from darkwood_bench.reproduction import Reproduction, asked_again, reproduce
from darkwood_bench.resources import Bench
from darkwood_bench.score_history import find_score, past_scores
from darkwood_bench.scoring import compare_scores


@pytest.fixture
def original(bench: Bench) -> Any:
    order = list(load_variants(bench.settings.variants))
    with open_instance(bench) as instance:
        run_grid(
            instance, bench, [Cell("script", "minimal")], order, RunConfig(limit=3, max_seconds=90)
        )
    return find_score(bench.settings.tables, "script/minimal")


def test_a_score_is_made_again_with_nothing_reused(
    bench: Bench, original: Any, tmp_path: Path
) -> None:
    found = reproduce(bench, original, tmp_path / "again")
    assert (found.same_code, found.again["N"]) == (3, original["N"])
    assert found.again["task_ids"] == original["task_ids"]
    assert found.again["scored_at"] > original["scored_at"]
    assert (tmp_path / "again" / "darkwood" / "journal").is_dir()
    assert found.comparison.differs == {}
    assert found.again["budgets"] == "90 s"
    assert len(past_scores(bench.settings.tables)) == 1  # the board's own are untouched


def agreement(original: Any, **changes: Any) -> Reproduction:
    again = {**original, **changes}
    same = sum(a == b for a, b in zip(original["code_hashes"], again["code_hashes"], strict=True))
    return Reproduction(original, again, compare_scores(original, again), same)


def test_what_agreement_is(original: Any) -> None:
    sound = {**original, "score": 1.0, "score_low": 0.5, "score_high": 2.0}
    assert agreement(sound).agrees
    assert not agreement(sound, score=2.5).agrees
    assert not agreement(sound, N=original["N"] + 1).agrees
    assert not agreement(sound, budgets="600 s").agrees
    assert not agreement(sound, code_hashes=["other", *original["code_hashes"][1:]]).agrees
    assert not agreement(sound, task_ids=["zoo/other", *original["task_ids"][1:]]).agrees
    unknown = {**sound, "score_low": None}
    assert agreement(unknown).score_within is None
    assert agreement(unknown).agrees


def asked(slice_: str, **changes: Any) -> dict[str, Any]:
    whole = {"slice": slice_, "suites": [], "mode": "sequential", "budgets": "600 s"}
    whole |= {"repeat_s": [[1.0, 1.1]]}
    return {**whole, **changes}


def test_a_slice_that_no_run_asks_is_said() -> None:
    with pytest.raises(ValueError, match="slice by hand: no run asks that"):
        asked_again(asked("by hand"))
    for drawn in (RunConfig(limit=3, temperature=0.7, seed=5), RunConfig(quick=False)):
        assert asked_again(asked(drawn.slice)).slice == drawn.slice
    config = asked_again(asked("limit 7", suites=["zoo"]))
    assert (config.limit, config.quick, config.suites) == (7, False, ["zoo"])
    assert config.repeats == 2


@pytest.mark.parametrize(
    "budgets",
    [
        Budgets(),
        Budgets(max_seconds=0.5),
        Budgets(6 * 10**9, None, 20),
        Budgets(None, 512 * 10**6, 2e6),
        Budgets(50_000, 1_500_000_000, 600),
    ],
)
def test_a_score_is_asked_again_under_its_budgets(budgets: Budgets) -> None:
    assert asked_again(asked("all", budgets=budgets_text(budgets.row()))).budgets == budgets


def test_budgets_that_no_run_has_are_said() -> None:
    with pytest.raises(ValueError, match="budgets 6 apples: no run has those"):
        asked_again(asked("all", budgets="6 apples"))
