"""`darkwood tasks new`: what it writes loads, checks and says what the data shows."""

import datetime as dt
import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from darkwood_bench.cli import app
from darkwood_bench.tasks import build_database, load_suites
from darkwood_bench.tasks.schema import read_schema
from darkwood_bench.tasks.schema_check import schema_of


@pytest.fixture
def datasets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    tables = tmp_path / "my data"
    tables.mkdir()
    customers = pl.DataFrame({"customer_id": [1, 2, 3], "née": ["é", None, "x: y"]})
    customers.write_parquet(tables / "customers.parquet")
    pl.DataFrame(
        {
            "order_id": [1, 2, 3, 4],
            "customer_id": [1, 1, 2, None],
            "paid": [dt.date(2024, 1, 2), None, dt.date(2024, 3, 4), None],
            "status": ["open", "paid", "open", "paid"],
        }
    ).write_csv(tables / "orders.csv")
    monkeypatch.setenv("DARKWOOD_DATASETS", str(tmp_path / "datasets"))
    monkeypatch.setenv("DARKWOOD_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    return tmp_path / "datasets"


def new(datasets: Path, name: str = "mine") -> None:
    tables = str(datasets.parent / "my data")
    result = CliRunner().invoke(app, ["tasks", "new", name, "--tables", tables])
    assert result.exit_code == 0, result.exception


def test_the_skeleton_is_a_suite_whose_example_agrees_with_its_oracle(datasets: Path) -> None:
    new(datasets)
    (suite,) = load_suites(datasets)
    assert [task.task_id for task in suite.tasks] == ["mine/example-how-many-rows"]
    result = CliRunner().invoke(app, ["tasks", "check", "--suite", "mine", "--base", "--json"])
    assert result.exit_code == 0, result.output
    (outcome,) = json.loads(result.stdout)
    assert (outcome["outcome"], outcome["variant"]) == ("agree", "base")


def test_the_schema_written_is_the_one_inferred(datasets: Path, tmp_path: Path) -> None:
    new(datasets)
    (suite,) = load_suites(datasets)
    tables = build_database(suite.database, suite.folder, tmp_path / "cache")
    written = schema_of(suite, tables)  # raises where the tables break a law of it
    (suite.folder / "schema.yaml").rename(suite.folder / "schema.kept")
    assert written == schema_of(suite, tables)
    schema, _ = read_schema(suite.folder / "schema.kept")
    orders = schema.tables["orders"]
    assert orders.key == ("order_id",)
    assert orders.references["customer_id"].table == "customers"
    assert "paid" in orders.nullable


def test_a_second_one_of_the_name_and_a_bad_table_leave_everything_as_it_was(
    datasets: Path,
) -> None:
    new(datasets)
    before = sorted(datasets.rglob("*"))
    tables = datasets.parent / "my data"
    again = ["tasks", "new", "mine", "--tables", str(tables)]
    assert "there already" in str(CliRunner().invoke(app, again).exception)
    pl.DataFrame({"a": [1]}).write_csv(tables / "my file.csv")
    other = ["tasks", "new", "other", "--tables", str(tables)]
    assert "cannot name a Python variable" in str(CliRunner().invoke(app, other).exception)
    assert sorted(datasets.rglob("*")) == before
