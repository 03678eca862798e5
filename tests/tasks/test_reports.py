"""Reports: what was found counts for just the tasks and tables that it was found of."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from darkwood_bench.tables import TASKS
from darkwood_bench.tasks import (
    CHECK,
    Suite,
    TaskBankError,
    load_suites,
    save_report,
    stored_report,
    task_rows,
)


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    shutil.copytree(Path(__file__).parents[1] / "bank" / "zoo", tmp_path / "zoo")
    shutil.rmtree(tmp_path / "zoo" / "reports", ignore_errors=True)
    return load_suites(tmp_path)[0]


def verified(suite: Suite, dataset_hash: str) -> set[str]:
    frame = TASKS.frame(task_rows(suite, dataset_hash))
    return set(frame.filter(frame["verified"])["task_id"])


def test_gold_is_verified_only_by_a_check_of_the_same_content(suite: Suite) -> None:
    assert verified(suite, "a") == set()
    outcomes = {task.task_id: "agree" for task in suite.tasks} | {"zoo/fed": "disagree"}
    save_report(suite.folder, CHECK, "a", outcomes)
    assert verified(suite, "a") == {task.task_id for task in suite.tasks} - {"zoo/fed"}
    assert verified(suite, "b") == set()


def test_other_laws_of_the_data_are_another_check(suite: Suite) -> None:
    outcomes = {task.task_id: "agree" for task in suite.tasks}
    save_report(suite.folder, CHECK, "a", outcomes)
    (suite.folder / "schema.yaml").write_text("tables: {}\n")
    assert verified(suite, "a") == set()
    save_report(suite.folder, CHECK, "a", outcomes)
    assert verified(suite, "a") == set(outcomes)


def test_gold_without_an_oracle_stays_unverified(suite: Suite) -> None:
    outcomes = {task.task_id: "no_oracle" for task in suite.tasks}
    save_report(suite.folder, CHECK, "a", outcomes)
    without = replace(suite, tasks=tuple(replace(t, oracle_sql=None) for t in suite.tasks))
    assert verified(without, "a") == set()


def test_a_report_that_says_the_same_is_not_written_again(suite: Suite) -> None:
    path = save_report(suite.folder, CHECK, "a", {"zoo/fed": "agree", "zoo/heavy": "agree"})
    before = path.stat()
    save_report(suite.folder, CHECK, "a", {"zoo/heavy": "agree", "zoo/fed": "agree"})
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    save_report(suite.folder, CHECK, "b", {})
    assert stored_report(suite.folder, CHECK, "b") == {}
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("text", ["", "{}", "[1]", "{"])
def test_a_file_that_is_no_report_is_named(suite: Suite, text: str) -> None:
    path = save_report(suite.folder, CHECK, "a", {})
    path.write_text(text)
    with pytest.raises(TaskBankError, match=r"check\.json:1: report: .*delete the file"):
        stored_report(suite.folder, CHECK, "a")
