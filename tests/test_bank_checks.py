"""The checks of the bank's state say what was found, and what nobody has looked at yet."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

from darkwood_bench.bank_checks import coverage, mutation_strength, oracle_agreement
from darkwood_bench.resources import Bench
from darkwood_bench.tables import CATEGORIES, TASKS
from darkwood_bench.tasks import CHECK, MUTANTS, Suite, load_suites, save_report, task_rows


@pytest.fixture
def own(bench: Bench, tmp_path: Path) -> Bench:
    """A bench over a copy of the zoo that nobody has checked."""
    shutil.copytree(bench.settings.datasets / "zoo", tmp_path / "bank" / "zoo")
    shutil.rmtree(tmp_path / "bank" / "zoo" / "reports", ignore_errors=True)
    return Bench(replace(bench.settings, datasets=tmp_path / "bank"))


@pytest.fixture
def zoo(own: Bench) -> Suite:
    return load_suites(own.settings.datasets)[0]


def frame(zoo: Suite) -> pl.DataFrame:
    return TASKS.frame(task_rows(zoo, "h"))


def result(given: Any) -> dg.AssetCheckResult:
    assert isinstance(given, dg.AssetCheckResult)
    assert given.severity == dg.AssetCheckSeverity.WARN
    return given


def text(given: dg.AssetCheckResult, name: str) -> str:
    return str(given.metadata[name].value)


def test_coverage_names_what_is_missing(zoo: Suite) -> None:
    partial = result(coverage(frame(zoo)))
    assert not partial.passed
    assert "reshaping" in (partial.description or "")
    assert "difficulty 5" in (partial.description or "")
    tasks = [
        replace(
            zoo.tasks[0],
            task_id=f"zoo/{split}-{number}",
            split=split,
            category=category,
            difficulty=1 + number % 5,
        )
        for split in ("test", "examples")
        for number, category in enumerate(CATEGORIES)
    ]
    full = result(coverage(frame(replace(zoo, tasks=tuple(tasks)))))
    assert full.passed
    assert "| joins | 1 | 1 |" in text(full, "by_category")


def test_oracle_agreement_counts_only_a_check_of_the_same_content(own: Bench, zoo: Suite) -> None:
    unchecked = result(oracle_agreement(own, frame(zoo)))
    assert not unchecked.passed
    assert "not checked yet: run `darkwood tasks check" in text(unchecked, "by_suite")
    outcomes = {task.task_id: "agree" for task in zoo.tasks}
    save_report(zoo.folder, CHECK, "h", outcomes)
    assert result(oracle_agreement(own, frame(zoo))).passed
    save_report(zoo.folder, CHECK, "h", outcomes | {"zoo/fed": "disagree"})
    failed = result(oracle_agreement(own, frame(zoo)))
    assert (failed.passed, failed.description) == (False, "8 of 9 verified")
    save_report(zoo.folder, CHECK, "other", outcomes)
    assert "not checked yet" in text(result(oracle_agreement(own, frame(zoo))), "by_suite")


@pytest.mark.parametrize(("killed", "passed"), [(97, True), (96, False)])
def test_mutation_strength_is_over_all_tasks(
    own: Bench, zoo: Suite, killed: int, passed: bool
) -> None:
    unchecked = result(mutation_strength(own, frame(zoo)))
    assert not unchecked.passed
    assert "not checked yet: zoo" in (unchecked.description or "")
    found = {
        "zoo/fed": {"mutants": 53, "killed": 50, "equivalent": 3},
        "zoo/heavy": {"mutants": 50, "killed": killed - 50, "equivalent": 0, "survivors": []},
    }
    save_report(zoo.folder, MUTANTS, "h", found)
    checked = result(mutation_strength(own, frame(zoo)))
    assert (checked.passed, checked.description) == (passed, f"{killed} of 100 mutants killed")
