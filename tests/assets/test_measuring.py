from pathlib import Path
from typing import Any

import polars as pl
import pytest

from darkwood_bench.assets.bank import Bank
from darkwood_bench.assets.efficiency import Measurements, measured
from darkwood_bench.journal import Journal

GOLD = "result = numbers.select(pl.col('n').sum())"
SLOW = f"numbers.sort('n').sort('n', descending=True).sort('n')\n{GOLD}"
TASK: dict[str, Any] = {"suite": "sums", "tables": ["numbers"], "gold_code": GOLD}


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    path = tmp_path / "large" / "numbers.parquet"
    path.parent.mkdir()
    pl.select(n=pl.int_range(1_000_000).shuffle(seed=1)).write_parquet(path)
    return Bank({}, {}, {}, {}, {}, {"sums": {"numbers": path}})


def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "measurements.jsonl", key="measurement_key")


def test_code_that_does_more_costs_more_than_gold(bank: Bank, tmp_path: Path) -> None:
    known = Measurements(journal(tmp_path))
    slow = measured(SLOW, TASK, bank, known)
    assert slow is not None
    assert slow.cpu_range[0] > 1
    assert slow.cpu_ratio > 2 * slow.cpu_noise


def test_a_measurement_is_taken_once_and_outlives_the_run(bank: Bank, tmp_path: Path) -> None:
    first = measured(SLOW, TASK, bank, Measurements(journal(tmp_path)))
    rows = journal(tmp_path).read()
    again = measured(SLOW, TASK, bank, Measurements(journal(tmp_path)))
    assert again == first
    assert journal(tmp_path).read() == rows
    assert len(rows) == 2  # gold against itself, and the answer against gold


def test_another_gold_is_another_measurement(bank: Bank, tmp_path: Path) -> None:
    known = Measurements(journal(tmp_path))
    measured(GOLD, TASK, bank, known)
    measured(GOLD, TASK | {"gold_code": SLOW}, bank, known)
    assert len(journal(tmp_path).read()) == 3  # GOLD alone; SLOW alone, and GOLD against it


def test_code_that_does_not_end_well_is_not_measured(bank: Bank, tmp_path: Path) -> None:
    assert measured("result = 1 / 0", TASK, bank, Measurements(journal(tmp_path))) is None
