"""Scores are kept, and found again by what a person would call them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from provenances import provenance

from darkwood_bench.score_history import UnknownScore, find_score, keep_score, past_scores, until
from darkwood_bench.scoring import Answer, Costs, score_rows
from darkwood_bench.tables import SCORES

START = datetime(2026, 11, 20, 12, tzinfo=UTC)


def keep(tables: Path, day: int, right: bool, variant: str = "v") -> str:
    made = provenance(prompt_variant=variant, dagster_run_id=f"run-of-day-{day}")
    answer = Answer("t", "db", "joins", 1, "g", "c", right, right, right, 1.0, True)
    costs = Costs(0.0, 0, 0, 0.0)
    rows = score_rows([answer], costs, made, START + timedelta(days=day))
    keep_score(str(tables), SCORES.frame(rows))
    return rows[0]["score_id"]


@pytest.fixture
def kept(tmp_path: Path) -> Any:
    ids = [keep(tmp_path, 0, True), keep(tmp_path, 1, False), keep(tmp_path, 2, True)]
    return str(tmp_path), ids


def test_a_score_is_found_by_partition_by_date_and_by_id(kept: Any) -> None:
    tables, (first, second, third) = kept
    assert first == third  # the same answers at the same cost
    assert find_score(tables, "m/v")["scored_at"] == START + timedelta(days=2)
    assert find_score(tables, "m/v@previous")["score_id"] == second
    assert find_score(tables, "m/v@2026-11-21")["score_id"] == second
    assert find_score(tables, second[:8])["N"] == 0
    assert find_score(tables, f"m/v@{second[:8]}")["score_id"] == second


def test_the_same_score_again_is_not_kept_twice(kept: Any) -> None:
    tables, _ = kept
    keep(Path(tables), 3, True)
    assert len(past_scores(tables, "m", "v")) == 3


def test_a_moment_is_a_date_a_run_or_a_score(kept: Any) -> None:
    tables, (_, second, _) = kept
    rows = past_scores(tables)
    assert until(rows, "run-of-day-1") == START + timedelta(days=1)
    assert until(rows, second[:7]) == START + timedelta(days=1)
    assert until(rows, "2026-11-21") > START + timedelta(days=1)
    with pytest.raises(UnknownScore, match="'yesterday' is no date"):
        until(rows, "yesterday")


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("m/w", r"m/w has no score; there are m/v"),
        ("abc", r"'abc' is the beginning of 0 scores' ids"),
        ("m/v@2026-11-01", r"m/v has none until 2026-11-01; its first is of 2026-11-20"),
        ("m/v@soon", r"'soon' is no date"),
    ],
)
def test_what_is_not_there_is_said(kept: Any, reference: str, said: str) -> None:
    tables, _ = kept
    with pytest.raises(UnknownScore, match=said):
        find_score(tables, reference)


def test_one_score_has_none_before_it(tmp_path: Path) -> None:
    keep(tmp_path, 0, True)
    with pytest.raises(UnknownScore, match="has one score, and so none before it"):
        find_score(str(tmp_path), "m/v@previous")


def test_a_score_from_before_repeats_were_kept_is_read_as_of_one(kept: Any) -> None:
    tables, (_, second, _) = kept
    for path in Path(tables, "history", "m", "v").iterdir():
        pl.read_parquet(path).drop("repeat_s").write_parquet(path)
    older = find_score(tables, "m/v@previous")
    assert (older["score_id"], older["repeat_s"]) == (second, [[1.0]])
    newer = keep(Path(tables), 3, False)
    assert find_score(tables, "m/v")["score_id"] == newer
    assert len(past_scores(tables)) == 4
