"""Which system is served where none is named: the best of the leaderboard."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from page_service import scripted

from darkwood_bench.copilot.settings import CopilotSettings, SettingsError
from darkwood_bench.copilot.system import choose_system
from darkwood_bench.settings import Settings

MODELS = """
models:
  first:
    title: The usual one
    default: true
    backend: scripted
    file: answers.yaml
    sources: [{local: answers.yaml}]
  second:
    title: Another
    backend: scripted
    file: answers.yaml
    sources: [{local: answers.yaml}]
  elsewhere:
    title: A server that brings its prompt
    submission: {url: "http://127.0.0.1:1", tables: files}
"""
ROWS = [
    # rank, model, variant, tasks
    (1, "elsewhere", "own", 300),
    (1, "first", "voted", 300),
    (2, "gone", "schema", 300),
    (3, "second", "gone", 300),
    (4, "second", "terse_twelve", 300),
    (5, "first", "terse_twelve", 300),
    (6, "second", "schema", 300),
    (None, "first", "schema", 300),
    (1, "first", "schema", 20),
]


@pytest.fixture
def bench(tmp_path: Path) -> Settings:
    made = scripted(tmp_path, "answers: []")
    made.models[0].write_text(MODELS)
    return replace(made, tables=str(tmp_path / "tables"))


@pytest.fixture
def board(bench: Settings) -> Settings:
    Path(bench.tables).mkdir()
    columns = ["rank", "model", "prompt_variant", "n_tasks"]
    rows = pl.DataFrame(ROWS, columns, orient="row")
    rows.write_parquet(Path(bench.tables) / "leaderboard.parquet")
    return bench


def chosen(bench: Settings, model: str | None = None, variant: str | None = None) -> list[str]:
    system = choose_system(CopilotSettings(model=model, variant=variant), bench)
    return [system.model, system.variant.name]


def test_it_is_the_best_that_can_be_served_of_those_asked_the_most(board: Settings) -> None:
    assert chosen(board) == ["second", "terse_twelve"]


def test_what_is_named_stays_and_the_rest_is_the_best_with_it(board: Settings) -> None:
    assert chosen(board, model="first") == ["first", "terse_twelve"]
    assert chosen(board, variant="schema") == ["second", "schema"]
    assert chosen(board, "first", "schema") == ["first", "schema"]
    # Nobody has run these two together.
    assert chosen(board, "first", "best_cpu") == ["first", "best_cpu"]


def test_what_asks_for_candidates_is_not_served(bench: Settings) -> None:
    with pytest.raises(SettingsError, match="voted has candidates vote; name one that asks once"):
        chosen(bench, variant="voted")


def test_without_a_leaderboard_it_is_the_usual_one(bench: Settings) -> None:
    assert chosen(bench) == ["first", "best_cpu"]
    assert chosen(bench, model="second") == ["second", "best_cpu"]


@pytest.mark.parametrize(
    ("model", "variant", "said"),
    [
        ("none", None, "there is no 'none'"),
        (None, "none", "there is no 'none'"),
        ("elsewhere", None, "is a server itself"),
    ],
)
def test_what_cannot_be_served_is_refused(
    board: Settings, model: str | None, variant: str | None, said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        chosen(board, model, variant)
