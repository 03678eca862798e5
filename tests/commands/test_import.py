"""`darkwood import`, as a person calls it: gold really runs, in the sandbox."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from darkwood_bench.cli import app
from darkwood_bench.tasks import load_suites

PETS = {"pets": {"file_name": "animals.csv", "format": "csv"}}


def row(number: int, gold_code: str) -> dict[str, Any]:
    return {"id": number, "question": f"Q{number}?", "datasets": PETS, "gold_code": gold_code}


GOOD = [
    row(1, 'result = pets.lazy().filter(pl.col("age") > 3).select("name")'),
    row(2, 'result = pets["age"].sum()'),
    row(3, 'result = pets["name"]'),
]
BAD = [
    row(4, "result = animals"),
    row(5, "result = {}"),
    row(6, 'open("/etc/passwd").read()\nresult = pets'),
]


@pytest.fixture
def datasets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    pl.DataFrame({"name": ["Rex", "Tom"], "age": [5, 2]}).write_csv(tmp_path / "animals.csv")
    monkeypatch.setenv("DARKWOOD_DATASETS", str(tmp_path / "datasets"))
    monkeypatch.setenv("DARKWOOD_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    return tmp_path / "datasets"


def darkwood_import(datasets: Path, rows: list[dict[str, Any]], *options: str) -> Result:
    file = datasets.parent / "questions.json"
    file.write_text(json.dumps({"questions": rows}))
    arguments = ["import", str(file), "--tables", str(datasets.parent), "--suite", "theirs"]
    return CliRunner().invoke(app, [*arguments, *options])


def test_good_questions_become_a_suite(datasets: Path) -> None:
    result = darkwood_import(datasets, GOOD)
    assert result.exit_code == 0, result.output
    (suite,) = load_suites(datasets)
    assert [task.output_columns for task in suite.tasks] == [("name",), ("result",), ("name",)]
    assert [task.ignore_names for task in suite.tasks] == [False, True, True]
    assert {task.oracle_sql for task in suite.tasks} == {None}
    result = CliRunner().invoke(app, ["tasks", "check", "--suite", "theirs"])
    assert result.exit_code == 0, result.output
    assert "3 have no oracle" in result.output


def test_bad_rows_are_listed_and_nothing_is_kept_unless_asked_for(
    datasets: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert darkwood_import(datasets, GOOD[:1] + BAD).exit_code == 1
    assert list(datasets.iterdir()) == []
    assert darkwood_import(datasets, GOOD[:1] + BAD, "--keep-good").exit_code == 0
    assert [task.task_id for task in load_suites(datasets)[0].tasks] == ["theirs/1"]


def test_gold_without_an_oracle_that_fails_on_a_variant_is_counted_once(datasets: Path) -> None:
    rows = [row(1, 'result = pets["age"].max()'), row(2, "result = pets.height")]
    assert darkwood_import(datasets, rows).exit_code == 0
    result = CliRunner().invoke(app, ["tasks", "check", "--suite", "theirs"])
    assert result.exit_code == 1, result.output
    assert "gold_error theirs/1" in result.output
    assert "0 of 2 gold answers agree" in result.output
    assert "1 have no oracle" in result.output
