"""Whatever shows a score says of how many tasks nobody has confirmed the gold."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from provenances import provenance
from typer.testing import CliRunner

from darkwood_bench.cli import app
from darkwood_bench.scoring import Answer, Costs, leaderboard_rows, score_rows
from darkwood_bench.tables import LEADERBOARD

ANSWERS = [
    Answer(f"zoo/{n}", "zoo", "joins", 1, f"g{n}", "c", True, True, True, 1.0, n > 0)
    for n in range(3)
]
PROVENANCE = provenance(suites=("zoo",))


def board(folder: Path, answers: list[Answer]) -> str:
    rows = score_rows(answers, Costs(1.0, 0, 10**9, 0.0), PROVENANCE, datetime.now(UTC))
    LEADERBOARD.frame(leaderboard_rows(rows)).write_parquet(folder / "leaderboard.parquet")
    result = CliRunner().invoke(app, ["leaderboard"], env={"COLUMNS": "80"})
    assert result.exit_code == 0, result.output
    return result.output


def test_the_board_marks_scores_by_unverified_gold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DARKWOOD_TABLES", str(tmp_path))
    shown = board(tmp_path, ANSWERS)
    assert "unverified: 1 of 3" in shown
    assert "`darkwood tasks check` looks" in " ".join(shown.split())
    figures = shown[: shown.index("Score = ")]
    assert max(map(len, figures.splitlines())) <= 80
    assert "unverified" not in board(tmp_path, [replace(a, verified=True) for a in ANSWERS])


def test_a_board_of_another_version_says_how_to_make_it_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DARKWOOD_TABLES", str(tmp_path))
    board(tmp_path, ANSWERS)
    path = tmp_path / "leaderboard.parquet"
    pl.read_parquet(path).drop("n_unverified").write_parquet(path)
    result = CliRunner().invoke(app, ["leaderboard"])
    assert result.exit_code == 1
