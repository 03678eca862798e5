"""The bank as it is shipped: gold and oracle agree, and the tasks keep the rules of the README."""

import ast
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from darkwood_bench.settings import PROJECT
from darkwood_bench.tables import CATEGORIES, TASKS
from darkwood_bench.tasks import (
    Suite,
    Task,
    build_database,
    check_tasks,
    dataset_hash,
    load_suites,
    quick_slice,
    task_rows,
    verified_tasks,
)
from darkwood_bench.validation import compare_frames

SUITES = load_suites(PROJECT / "datasets")
TASKS_OF_ALL = [task for suite in SUITES for task in suite.tasks]
TESTS = [task for task in TASKS_OF_ALL if task.split == "test"]
EXAMPLES = [task for task in TASKS_OF_ALL if task.split == "examples"]
EMPTY_ON_PURPOSE = {
    "cards/set-that-is-not-there",
    "shop/shipped-before-ordered",
    "tpch/orders-before-the-records",
}
ALL_COLUMNS_OF_A_TABLE = {
    "cards/missing-per-column",
    "cards/repeated-deck-entries",
    "cards/sets-by-release",
    "clinic/yes-no-answers",
}
"""Questions that ask for a table's columns, or a run of them, as a whole."""

by_id = pytest.mark.parametrize("task", TASKS_OF_ALL, ids=lambda task: task.task_id)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def run_gold(task: Task, tables: Mapping[str, Path]) -> pl.DataFrame:
    """Our own code, run here: what models write is run in the sandbox."""
    names: dict[str, Any] = {"pl": pl}
    names |= {name: pl.read_parquet(path) for name, path in tables.items()}
    exec(task.gold_code, names)
    return names["result"]


def compare(got: pl.DataFrame, gold: pl.DataFrame, order_by: Sequence[str]) -> str | None:
    mismatch = compare_frames(got, gold, order_by=order_by)
    return mismatch.message if mismatch else None


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_gold_and_oracle_agree(suite: Suite, cache: Path) -> None:
    tables = build_database(suite.database, suite.folder, cache)
    checks = check_tasks(suite.tasks, tables, run_gold, compare)
    assert [check for check in checks if check.outcome != "agree"] == []
    assert len(checks) == len(suite.tasks)
    empty = {check.task_id for check in checks if not check.rows}
    assert empty == {task_id for task_id in EMPTY_ON_PURPOSE if task_id.startswith(suite.name)}


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("cards", {"seed": 1}),
        ("cards", {"seed": 2, "cards": 30, "decks": 10, "matches": 40}),
        ("cards", {"seed": 3, "cards": 0, "decks": 0, "matches": 0}),
        ("clinic", {"seed": 1}),
        ("clinic", {"seed": 2, "doctors": 5, "patients": 12, "visits": 60, "responses": 20}),
        ("clinic", {"seed": 3, "doctors": 3, "patients": 1, "visits": 0, "responses": 0}),
        ("hr", {"seed": 1}),
        ("hr", {"seed": 2, "people": 15}),
        ("hr", {"seed": 3, "people": 0}),
        ("music", {"seed": 1}),
        ("music", {"seed": 2, "artists": 9, "albums": 8, "listeners": 9, "plays": 40}),
        ("music", {"seed": 3, "artists": 0, "albums": 0, "listeners": 0, "playlists": 0}),
        ("rental", {"seed": 1}),
        ("rental", {"seed": 2, "films": 12, "actors": 9, "copies": 20, "customers": 9}),
        ("rental", {"seed": 3, "films": 1, "actors": 1, "copies": 1, "customers": 1, "rentals": 0}),
        ("sensors", {"seed": 1}),
        ("sensors", {"seed": 2, "sites": 3, "devices": 6, "alerts": 20, "maintenance": 5}),
        ("sensors", {"seed": 3, "sites": 0, "devices": 0, "alerts": 0, "maintenance": 0}),
        ("shop", {"seed": 1}),
        ("shop", {"seed": 2, "products": 20, "customers": 15, "employees": 12, "orders": 60}),
        ("shop", {"seed": 3, "products": 0, "customers": 0, "employees": 0, "orders": 0}),
        ("tpch", {"scale_factor": 0.001}),
    ],
)
def test_they_agree_on_other_values_too(cache: Path, name: str, parameters: dict[str, Any]) -> None:
    (suite,) = (suite for suite in SUITES if suite.name == name)
    database = replace(suite.database, parameters=parameters)
    tables = build_database(database, suite.folder, cache)
    checks = check_tasks(suite.tasks, tables, run_gold, compare)
    assert [check for check in checks if check.outcome != "agree"] == []


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_rows_fit_the_tasks_table(suite: Suite, cache: Path) -> None:
    tables = build_database(suite.database, suite.folder, cache)
    frame = TASKS.frame(task_rows(suite, dataset_hash(suite, tables)))
    assert frame["task_id"].to_list() == [task.task_id for task in suite.tasks]
    assert frame["dataset_hash"].n_unique() == 1


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_the_committed_check_is_of_the_suite_as_it_is(suite: Suite, cache: Path) -> None:
    """Where it fails: `darkwood tasks check --suite NAME`, and commit its report."""
    tables = build_database(suite.database, suite.folder, cache)
    verified = verified_tasks(suite.folder, dataset_hash(suite, tables))
    assert verified == {task.task_id for task in suite.tasks}


def test_the_seed_question_is_a_test_task() -> None:
    (task,) = (task for task in TESTS if task.task_id == "cards/most-frequent-cheap-cards")
    assert "top 10 most frequent cards with mana cost ≤ 3" in task.question
    assert task.output_columns == ("card_name", "mana_cost", "frequency")


def test_counts() -> None:
    assert len(TESTS) >= 60
    assert len(EXAMPLES) >= 20
    for suite in SUITES:
        tests = Counter(task.category for task in suite.tasks if task.split == "test")
        examples = {task.category for task in suite.tasks if task.split == "examples"}
        assert set(tests) == set(CATEGORIES)
        assert min(tests.values()) >= 2
        assert examples == set(CATEGORIES)
    assert {task.difficulty for task in TESTS} == {1, 2, 3, 4, 5}


def test_the_quick_slice_is_even_over_categories_suites_and_difficulties() -> None:
    quick = quick_slice(TASKS_OF_ALL)
    assert len(quick) == 30
    # Difficulty has the last word: what a category has of a suite may leave no choice.
    for each, apart in (("category", 1), ("suite", 1), ("difficulty", 3)):
        counts = Counter(getattr(task, each) for task in quick)
        assert counts.keys() == {getattr(task, each) for task in TESTS}
        assert max(counts.values()) - min(counts.values()) <= apart, each


@by_id
def test_gold_is_idiomatic(task: Task) -> None:
    tree = ast.parse(task.gold_code)
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    python_or_needless = {"map_elements", "map_batches", "iter_rows", "rows", "to_dicts"}
    python_or_needless |= {"to_list", "to_pandas", "lazy", "collect", "apply"}
    assert attributes.isdisjoint(python_or_needless)
    assert not any(isinstance(node, ast.For | ast.While) for node in ast.walk(tree))


@by_id
def test_gold_uses_only_its_tables(task: Task) -> None:
    used = {n.id for n in ast.walk(ast.parse(task.gold_code)) if isinstance(n, ast.Name)}
    (suite,) = (suite for suite in SUITES if suite.name == task.suite)
    of_database = {name for other in suite.tasks for name in other.tables}
    assert used & of_database <= set(task.tables)
    assert used & of_database


def test_some_tables_are_not_needed() -> None:
    def has_distractor(task: Task) -> bool:
        used = {n.id for n in ast.walk(ast.parse(task.gold_code)) if isinstance(n, ast.Name)}
        return not set(task.tables) <= used

    share = sum(map(has_distractor, TESTS)) / len(TESTS)
    assert 0.25 <= share <= 0.4


@by_id
def test_output_columns_can_be_known_from_the_question(task: Task) -> None:
    if task.task_id in ALL_COLUMNS_OF_A_TABLE:
        return
    question = task.question.lower().replace("_", " ")
    unnamed = [
        name for name in task.output_columns if name.lower().replace("_", " ") not in question
    ]
    assert unnamed == []
