"""Loading suites: what is read, and that every kind of mistake is named by file, line and field."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from darkwood_bench.tasks import TaskBankError, load_suites, read_suites

SUITE = """\
name: mine
title: My own tables
licence: Proprietary
database:
  name: mine
  kind: files
  parameters:
    path: tables
tasks:
  test: tasks.jsonl
  examples: examples.jsonl
"""
TASK: dict[str, Any] = {
    "name": "all-pets",
    "question": "List all pets.",
    "category": "selection",
    "difficulty": 1,
    "tables": ["pets"],
    "output_columns": ["name", "age"],
    "order_by": ["age"],
    "gold_code": 'result = pets.select("name", "age").sort("age")',
    "oracle_sql": "SELECT name, age FROM pets ORDER BY age",
}


@pytest.fixture
def datasets(tmp_path: Path) -> Path:
    """A bank with one good suite, `mine`."""
    folder = tmp_path / "datasets" / "mine"
    (folder / "tables").mkdir(parents=True)
    pl.DataFrame({"name": ["Rex"], "age": [3]}).write_csv(folder / "tables" / "pets.csv")
    (folder / "suite.yaml").write_text(SUITE)
    (folder / "tasks.jsonl").write_text(json.dumps(TASK) + "\n")
    (folder / "examples.jsonl").write_text("")
    return tmp_path / "datasets"


def write_tasks(datasets: Path, *tasks: dict[str, Any], file: str = "tasks.jsonl") -> Path:
    path = datasets / "mine" / file
    path.write_text("".join(f"{json.dumps(task)}\n" for task in tasks))
    return path


def problems_of(datasets: Path, names: list[str] | None = None) -> list[str]:
    with pytest.raises(TaskBankError) as caught:
        load_suites(datasets, names)
    problems = list(caught.value.problems)
    assert str(caught.value).splitlines() == problems
    return problems


def error_of(datasets: Path, names: list[str] | None = None) -> str:
    (problem,) = problems_of(datasets, names)
    return problem


def test_a_suite_is_read_with_its_tasks(datasets: Path) -> None:
    write_tasks(datasets, TASK | {"name": "shown", "order_by": []}, file="examples.jsonl")
    (suite,) = load_suites(datasets)
    test, example = suite.tasks
    assert (suite.name, suite.title, suite.licence) == ("mine", "My own tables", "Proprietary")
    assert (suite.database.name, suite.database.kind) == ("mine", "files")
    assert (test.task_id, test.split, test.ordered) == ("mine/all-pets", "test", True)
    assert (example.task_id, example.split, example.ordered) == ("mine/shown", "examples", False)
    assert test.source == "datasets/mine/tasks.jsonl:1"
    assert test.output_columns == ("name", "age")


def test_a_difficulty_left_out_is_counted(datasets: Path) -> None:
    code = 'result = pets.filter(pl.col("age") > 1).sort("age")'
    write_tasks(
        datasets, {k: v for k, v in TASK.items() if k != "difficulty"} | {"gold_code": code}
    )
    assert load_suites(datasets)[0].tasks[0].difficulty == 2


def test_lines_are_counted_over_blank_ones(datasets: Path) -> None:
    path = datasets / "mine" / "tasks.jsonl"
    path.write_text("\n\n" + json.dumps(TASK) + "\n")
    assert load_suites(datasets)[0].tasks[0].source.endswith("tasks.jsonl:3")


def test_suites_come_in_the_order_asked_for() -> None:
    bank = Path(__file__).parents[2] / "datasets"
    assert [suite.name for suite in load_suites(bank, ["tpch", "cards"])] == ["tpch", "cards"]
    folders = sorted(path.parent.name for path in bank.glob("*/suite.yaml"))
    assert [suite.name for suite in load_suites(bank)] == folders


def test_an_unknown_suite_is_answered_with_the_close_ones(datasets: Path) -> None:
    assert "did you mean mine?" in error_of(datasets, ["nine"])
    assert "use mine" in error_of(datasets, ["zzz"])


def test_a_folder_without_suites_is_an_error(tmp_path: Path) -> None:
    assert "no suite" in error_of(tmp_path)


@pytest.mark.parametrize(
    ("change", "field", "problem"),
    [
        ({"name": "All Pets"}, "name", "is 'All Pets'; give a text like"),
        ({"question": ""}, "question", "is empty; write something"),
        ({"category": "join"}, "category", "did you mean 'joins'?"),
        ({"category": "poetry"}, "category", "use one of selection"),
        ({"difficulty": 6}, "difficulty", "is 6; give at most 5"),
        ({"difficulty": 3}, "difficulty", "counts 1 (order); write 1, or leave it out"),
        ({"tables": []}, "tables", "is empty; give at least one"),
        ({"tables": ["pet"]}, "tables", "no table 'pet' in the database; did you mean 'pets'?"),
        ({"tables": ["pets", "pets"]}, "tables", "names 'pets' twice"),
        ({"output_columns": ["age", "age"]}, "output_columns", "names 'age' twice"),
        ({"order_by": ["ages"]}, "order_by", "not in output_columns; did you mean 'age'?"),
        ({"gold_code": "result = ("}, "gold_code", "does not parse"),
        ({"gold_code": "answer = pets"}, "gold_code", "never assigns `result`"),
        ({"gold_code": "def f():\n    result = pets"}, "gold_code", "never assigns `result`"),
        ({"oracle_sql": ""}, "oracle_sql", "is empty; write something"),
        ({"oracle_sq": "SELECT 1"}, "oracle_sq", "did you mean 'oracle_sql'?"),
        ({"colour": "red"}, "colour", "no such field; remove it"),
    ],
)
def test_a_wrong_field_is_named_with_file_and_line(
    datasets: Path, change: dict[str, Any], field: str, problem: str
) -> None:
    path = write_tasks(datasets, TASK, TASK | {"name": "second"} | change)
    message = error_of(datasets)
    assert message.startswith(f"{path}:2: {field}: ")
    assert problem in message


@pytest.mark.parametrize("field", sorted(TASK.keys() - {"order_by", "difficulty", "oracle_sql"}))
def test_a_missing_field_is_named(datasets: Path, field: str) -> None:
    path = write_tasks(datasets, {key: value for key, value in TASK.items() if key != field})
    assert error_of(datasets) == f"{path}:1: {field}: is missing; add it"


def test_a_line_that_is_not_json_is_named(datasets: Path) -> None:
    path = datasets / "mine" / "tasks.jsonl"
    path.write_text(json.dumps(TASK) + '\n{"name": }\n')
    assert error_of(datasets).startswith(f"{path}:2: task: not JSON")
    path.write_text("[1, 2]\n")
    assert error_of(datasets).startswith(f"{path}:1: task: ")


def test_an_id_used_twice_names_both_places(datasets: Path) -> None:
    write_tasks(datasets, TASK)
    path = write_tasks(datasets, TASK | {"name": "other"}, TASK, file="examples.jsonl")
    message = error_of(datasets)
    assert message.startswith(f"{path}:2: name: 'mine/all-pets' is also at ")
    assert "datasets/mine/tasks.jsonl:1" in message


def test_text_that_is_not_utf8_is_named(datasets: Path) -> None:
    path = datasets / "mine" / "tasks.jsonl"
    path.write_bytes(json.dumps(TASK).encode() + b'\n{"name": "\xe9"}\n')
    assert error_of(datasets) == f"{path}:2: text: not UTF-8; save the file as UTF-8"


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "problem"),
    [
        ("name: mine\ntitle", "name: other\ntitle", 1, "name", "'mine'"),
        ("title: My own tables\n", "", 1, "title", "is missing; add it"),
        ("licence", "license", 1, "licence", "is missing"),
        ("kind: files", "kind: mongo", 6, "database.kind", "unknown 'mongo'; use one of cards"),
        ("path: tables", "path: 7", 8, "database.parameters.path", "is 7; give a text"),
        ("path: tables", "paht: tables", 7, "database.parameters.path", "is missing"),
        ("path: tables", "path: nowhere", 7, "database.parameters", "no .parquet or .csv file"),
        ("  test: tasks", "  test: task", 10, "tasks.test", "no file 'task.jsonl'"),
        ("  test: tasks.jsonl\n", "", 9, "tasks.test", "is missing"),
        ("tasks:\n", "note: hm\ntasks:\n", 9, "note", "no such field"),
        ("title: My", "title: [My", 3, "suite", "not YAML"),
    ],
)
def test_a_wrong_suite_file_is_named_with_line_and_field(
    datasets: Path, old: str, new: str, line: int, field: str, problem: str
) -> None:
    path = datasets / "mine" / "suite.yaml"
    assert old in SUITE
    path.write_text(SUITE.replace(old, new))
    message = problems_of(datasets)[0]
    assert message.startswith(f"{path}:{line}: {field}: ")
    assert problem in message


def test_everything_that_is_wrong_is_said_at_once(datasets: Path) -> None:
    suite = datasets / "mine" / "suite.yaml"
    suite.write_text(
        SUITE.replace("path: tables", "path: nowhere").replace("name: mine\nt", "name: m\nt")
    )
    bad = TASK | {"category": "poetry", "gold_code": "result = ("}
    path = write_tasks(datasets, bad, TASK, TASK)
    with path.open("a") as file:
        file.write("no JSON\n")
    (datasets / "mine" / "examples.jsonl").write_bytes(b"\xe9")
    starts = [
        f"{suite}:1: name: is 'm'",
        f"{suite}:7: database.parameters: no .parquet or .csv file",
        f"{path}:1: category: unknown 'poetry'",
        f"{path}:1: gold_code: does not parse",
        f"{path}:4: task: not JSON",
        f"{path.parent}/examples.jsonl:1: text: not UTF-8",
        f"{path}:3: name: 'mine/all-pets' is also at",
    ]
    found = problems_of(datasets)
    assert sorted(starts) == sorted(next(s for s in starts if p.startswith(s)) for p in found)


def test_a_broken_suite_does_not_stop_the_others(datasets: Path) -> None:
    other = datasets / "other"
    other.mkdir()
    (other / "suite.yaml").write_text("name: other\n")
    (suite,) = load_suites(datasets, ["mine"])
    assert suite.name == "mine"
    assert all(problem.startswith(f"{other}/suite.yaml:1: ") for problem in problems_of(datasets))
    found = read_suites(datasets)
    assert found["mine"] == suite
    assert isinstance(found["other"], TaskBankError)


def test_an_empty_suite_file_is_an_error(datasets: Path) -> None:
    path = datasets / "mine" / "suite.yaml"
    path.write_text("")
    assert error_of(datasets).startswith(f"{path}:1: suite: ")
