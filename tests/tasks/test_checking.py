"""Checking tasks: every way in which gold and oracle can fail to agree is told apart."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from darkwood_bench.progress import Progress
from darkwood_bench.tasks import Task, check_tasks


@pytest.fixture
def tables(tmp_path: Path) -> dict[str, Path]:
    path = tmp_path / "pets.parquet"
    pl.DataFrame({"age": [3, 5]}).write_parquet(path)
    return {"pets": path, "owners": path}


def task(gold_code: str, oracle_sql: str | None, **changes: Any) -> Task:
    fields: dict[str, Any] = {
        "task_id": "mine/one",
        "suite": "mine",
        "database": "mine",
        "split": "test",
        "question": "?",
        "tables": ("pets",),
        "output_columns": ("age",),
        "order_by": (),
        "category": "selection",
        "difficulty": 1,
        "gold_code": gold_code,
        "oracle_sql": oracle_sql,
        "source": "here:1",
    }
    return Task(**fields | changes)


def run_gold(task: Task, tables: Mapping[str, Path]) -> pl.DataFrame:
    names: dict[str, Any] = {name: pl.read_parquet(path) for name, path in tables.items()}
    exec(task.gold_code, names)
    return names["result"]


def compare(got: pl.DataFrame, gold: pl.DataFrame, order_by: Sequence[str]) -> str | None:
    return None if got.equals(gold) else f"{got.height} rows, not {gold.height}"


GOLD, SQL = "result = pets", "SELECT age FROM pets"


@pytest.mark.parametrize(
    ("gold", "sql", "outcome", "detail"),
    [
        (GOLD, SQL, "agree", ""),
        (GOLD, None, "no_oracle", ""),
        (GOLD, f"{SQL} LIMIT 1", "disagree", "1 rows, not 2"),
        ("result = 1 / 0", SQL, "gold_error", "ZeroDivisionError: division by zero"),
        ("result = owners", SQL, "gold_error", "uses owners, which the task does not post"),
        (GOLD, "SELECT age FROM owners", "oracle_error", "CatalogException"),
        (GOLD, "SELECT ages FROM pets", "oracle_error", "BinderException"),
        ('result = pets.rename({"age": "years"})', SQL, "gold_error", "columns ['years']"),
        (GOLD, "SELECT age AS years FROM pets", "oracle_error", "columns ['years']"),
    ],
)
def test_outcomes(
    tables: dict[str, Path], gold: str, sql: str | None, outcome: str, detail: str
) -> None:
    (check,) = check_tasks([task(gold, sql)], tables, run_gold, compare)
    assert check.outcome == outcome
    assert detail in check.detail
    assert "\n" not in check.detail


def test_every_task_is_checked_in_order_and_reported(tables: dict[str, Path]) -> None:
    said: list[Progress] = []
    tasks = [task("result = 1 / 0", SQL, task_id="mine/a"), task(GOLD, SQL, task_id="mine/b")]
    checks = check_tasks(tasks, tables, run_gold, compare, said.append)
    assert [check.task_id for check in checks] == ["mine/a", "mine/b"]
    assert [check.rows for check in checks] == [None, 2]
    assert [step.done for step in said] == [0, 1, 2]
