"""Reading other people's questions: every row is either used or listed with its reason."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from darkwood_bench.tables import CATEGORIES
from darkwood_bench.tasks import TaskBankError, staged_suite, write_suite_file
from darkwood_bench.tasks.importing import (
    read_questions,
    with_answers,
    write_tables,
    write_tasks,
)
from darkwood_bench.tasks.importing.rows import likely_category

GOLD = 'result = pets.filter(pl.col("age") > 3)'
ROW: dict[str, Any] = {
    "id": 1,
    "question": "Which pets are older than 3?",
    "datasets": {"pets": {"file_name": "animals.csv", "format": "csv"}},
    "gold_code": GOLD,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tables = tmp_path / "tables"
    tables.mkdir()
    pl.DataFrame({"name": ["Rex"], "age": [5]}).write_csv(tables / "animals.csv")
    pl.DataFrame({"age": [5]}).write_parquet(tables / "ages.parquet")
    (tables / "broken.parquet").write_bytes(b"PAR1")
    return tables


def hackathon(folder: Path, *rows: object) -> Path:
    path = folder.parent / "questions.json"
    path.write_text(json.dumps({"questions": list(rows)}))
    return path


def test_the_hackathons_form_names_files(folder: Path) -> None:
    other = ROW | {
        "id": "Q 2 (é)",
        "datasets": {"ages": {"file_name": "x/ages.parquet", "format": "parquet"}},
    }
    (first, second), bad = read_questions(hackathon(folder, ROW, other), folder)
    assert bad == []
    assert (first.name, second.name) == ("1", "q-2-e")
    assert first.sources["pets"].path.name == "animals.csv"
    assert second.sources["ages"].path == folder / "ages.parquet"
    assert (first.category, first.order_by, first.oracle_sql) == ("filters", (), None)


def test_lines_name_tables(folder: Path) -> None:
    line = {"id": "a", "question": "?", "tables": ["animals"], "gold_code": "result = animals"}
    path = folder.parent / "lines.jsonl"
    path.write_text(f"{json.dumps(line)}\n\n{json.dumps(line | {'id': 'b', 'more': 1})}\n{{no\n")
    good, bad = read_questions(path, folder)
    assert [question.name for question in good] == ["a", "b"]
    assert [(row.index, row.field) for row in bad] == [(3, "row")]


@pytest.mark.parametrize(
    ("change", "field", "why"),
    [
        ({"id": None}, "id", "is empty; give it a value"),
        ({"id": "!"}, "id", "no letter or digit"),
        ({"question": ""}, "question", "is empty; write something"),
        ({"datasets": {}}, "datasets", "is empty; give at least one"),
        ({"datasets": None}, "datasets", "is missing; add it, or a list of tables"),
        ({"tables": ["animal"]}, "datasets.animal", "no animal.parquet or animal.csv"),
        ({"gold_code": "result = ("}, "gold_code", "does not parse"),
        ({"gold_code": "pets"}, "gold_code", "never assigns `result`"),
        ({"category": "poetry"}, "category", "unknown 'poetry'; leave it out"),
        (
            {"datasets": {"pets": {"file_name": "animal.csv", "format": "csv"}}},
            "datasets.pets",
            "did you mean 'animals.csv'?",
        ),
        (
            {"datasets": {"pets": {"file_name": "../questions.json", "format": "csv"}}},
            "datasets.pets",
            "leads out of",
        ),
        (
            {"datasets": {"class": {"file_name": "animals.csv", "format": "csv"}}},
            "datasets.class",
            "cannot name a Python variable",
        ),
        (
            {"datasets": {"odd": {"file_name": "broken.parquet", "format": "parquet"}}},
            "datasets.odd",
            "broken.parquet cannot be read as parquet",
        ),
        (
            {"datasets": {"pets": {"file_name": "animals.csv", "format": "xlsx"}}},
            "datasets.pets.format",
            "'parquet' or 'csv'",
        ),
    ],
)
def test_a_bad_row_is_named_with_its_field(
    folder: Path, change: dict[str, Any], field: str, why: str
) -> None:
    good, (bad,) = read_questions(hackathon(folder, ROW, ROW | {"id": "b"} | change), folder)
    assert [question.name for question in good] == ["1"]
    assert (bad.index, bad.field) == (2, field)
    assert why in bad.why


def test_all_that_is_wrong_with_all_rows_is_said(folder: Path) -> None:
    _, bad = read_questions(
        hackathon(folder, {"id": 1}, 7, ROW, ROW, ROW | {"id": "b", "gold_code": "x = ("}), folder
    )
    assert [(row.index, row.field) for row in bad] == [
        (1, "question"),
        (1, "gold_code"),
        (2, "row"),
        (4, "id"),
        (5, "gold_code"),
    ]


def test_one_name_for_two_files_is_refused(folder: Path) -> None:
    other = {"pets": {"file_name": "ages.parquet", "format": "parquet"}}
    _, (bad,) = read_questions(hackathon(folder, ROW, ROW | {"id": 2, "datasets": other}), folder)
    assert "'pets' is ages.parquet here and animals.csv before" in bad.why


@pytest.mark.parametrize("text", ["", "name,age\n", '{\n "rows": []\n}', "7"])
def test_a_file_of_no_known_form_is_an_error(folder: Path, text: str) -> None:
    path = folder.parent / "questions.json"
    path.write_text(text)
    with pytest.raises(TaskBankError, match=r"questions.json:1: questions: neither"):
        read_questions(path, folder)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*ROW, "tables", "file_name", "format", "pets"]), inner)
    ),
    max_leaves=12,
)


@given(st.lists(values | values.map(lambda value: ROW | {"question": value}), max_size=6))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_row_is_good_or_listed(folder: Path, rows: list[Any]) -> None:
    good, bad = read_questions(hackathon(folder, *rows), folder)
    used, refused = {question.index for question in good}, {row.index for row in bad}
    assert used.isdisjoint(refused)
    assert used | refused == set(range(1, len(rows) + 1))
    assert all(row.why and row.field for row in bad)


@pytest.mark.parametrize(
    ("code", "category"),
    [
        ('result = t.select("a")', "selection"),
        ('result = t.sort("a").head(3)', "ranking"),
        ('result = t.pivot("a", index="b")', "reshaping"),
        ('result = t.join(u, on="a").filter(x)', "joins"),
        ('result = t.filter(pl.col("a").dt.year() == 1)', "dates"),
        ('result = t.group_by("a").agg(pl.len())', "aggregations"),
        ('result = t.filter(pl.col("a").is_null())', "nulls"),
    ],
)
def test_a_category_is_guessed_from_the_gold_code(code: str, category: str) -> None:
    assert likely_category(code) == category
    assert category in CATEGORIES


def test_gold_that_ends_badly_is_listed_and_order_by_must_be_there(folder: Path) -> None:
    rows = [ROW, ROW | {"id": 2, "gold_code": "result = 1 / 0"}, ROW | {"id": 3, "order_by": ["x"]}]
    questions, _ = read_questions(hackathon(folder, *rows), folder)

    def run(code: str, tables: Any) -> Any:
        if "/ 0" in code:
            raise ValueError("ends with runtime_error")
        return ["name", "age"], "frame"

    answers, bad = with_answers(questions, {"pets": folder / "ages.parquet"}, run)
    assert [answer.question.name for answer in answers] == ["1"]
    assert [(row.index, row.field) for row in bad] == [(2, "gold_code"), (3, "order_by")]


def test_a_suite_is_there_whole_or_not_at_all(folder: Path, tmp_path: Path) -> None:
    datasets = tmp_path / "datasets"
    with pytest.raises(TaskBankError), staged_suite(datasets, "mine") as staged:
        (staged / "suite.yaml").write_text("name: mine\n")
    with pytest.raises(RuntimeError), staged_suite(datasets, "mine") as staged:
        raise RuntimeError("stopped half-way")
    assert list(datasets.iterdir()) == []
    (question,), _ = read_questions(hackathon(folder, ROW), folder)
    answers, _ = with_answers([question], {"pets": folder}, lambda code, tables: (["a"], "scalar"))
    with staged_suite(datasets, "mine") as staged:
        write_suite_file(staged, "Mine", "none", "tables")
        write_tables(staged, question.sources)
        write_tasks(staged, answers)
    assert [path.name for path in datasets.iterdir()] == ["mine"]
    assert (datasets / "mine" / "tables" / "pets.csv").is_file()
    task = json.loads((datasets / "mine" / "tasks.jsonl").read_text())
    assert (task["ignore_names"], task["output_columns"]) == (True, ["a"])
    with pytest.raises(TaskBankError, match="there already"), staged_suite(datasets, "mine"):
        pass
    with pytest.raises(TaskBankError, match="lower-case"), staged_suite(datasets, "My suite"):
        pass
