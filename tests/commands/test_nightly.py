"""What `darkwood nightly` prints of baselines, and how it exits."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result
from watch_scores import keep

from darkwood_bench.cli import app
from darkwood_bench.storage import TableError

N = 60
WALLS = [1.0 + n % 5 for n in range(N)]


@pytest.fixture
def tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DARKWOOD_TABLES", str(tmp_path))
    return str(tmp_path)


def darkwood(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["nightly", *arguments], env={"COLUMNS": "200"})


def right(n_right: int) -> list[bool]:
    return [n < n_right for n in range(N)]


def test_without_once_it_shows_how_it_is_used(tables: str) -> None:
    shown = darkwood()
    assert shown.exit_code == 2
    for said in ("--once", "darkwood nightly accept", "McNemar", "DARKWOOD_WEBHOOK", "status"):
        assert said in shown.output


def test_a_score_is_accepted_and_later_ones_are_held_against_it(tables: str) -> None:
    keep(tables, 0, right(50), WALLS)
    assert "no baseline" in darkwood("status").output
    accepted = darkwood("accept", "m/v", "--note", "a start")
    assert accepted.exit_code == 0, accepted.output
    assert "m/v: accepted " in accepted.output
    assert "50 of 60" in accepted.output
    (path,) = Path(tables, "accepted", "m", "v").iterdir()
    assert json.loads(path.read_bytes())["note"] == "a start"

    keep(tables, 24, right(20), WALLS)
    shown = darkwood("status")
    assert shown.exit_code == 0
    assert "worse" in shown.output
    assert "N 50 -> 20 of 60" in shown.output
    (row,) = json.loads(darkwood("status", "--json").output)
    assert (row["partition"], row["state"]) == ("m/v", "worse")

    assert "instead of" in darkwood("accept", "--all").output
    assert "accepted already" in darkwood("accept", "m/v").output
    (row,) = json.loads(darkwood("status", "--json").output)
    assert row["state"] == "accepted"
    darkwood("accept", "m/v@previous")
    (row,) = json.loads(darkwood("status", "--json").output)
    assert row["state"] == "worse"


def test_what_cannot_be_accepted_is_said(tables: str) -> None:
    assert darkwood("status").exit_code == 2
    assert darkwood("accept").exit_code == 2
    assert darkwood("accept", "--all").exit_code == 2
    keep(tables, 0, right(50), WALLS)
    assert darkwood("accept", "m/v", "--all").exit_code == 2


def test_what_cannot_be_read_any_more_is_replaced_as_the_message_says(tables: str) -> None:
    keep(tables, 0, right(50), WALLS)
    assert darkwood("accept", "m/v").exit_code == 0
    keep(tables, 24, right(49), WALLS)
    oldest = min(Path(tables, "history", "m", "v").iterdir())
    oldest.unlink()
    shown = darkwood("status")
    assert isinstance(shown.exception, TableError)
    assert "accept another: `darkwood nightly accept m/v`" in str(shown.exception)
    assert darkwood("accept", "m/v").exit_code == 0
    (row,) = json.loads(darkwood("status", "--json").output)
    assert row["state"] == "accepted"
