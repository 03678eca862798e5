"""From a score back to what it came from, on a terminal."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from starlette.applications import Starlette
from starlette.testclient import TestClient
from typer.testing import CliRunner

from darkwood_bench.assets.slices import RunConfig
from darkwood_bench.cli import app
from darkwood_bench.commands import terminal, trace_view
from darkwood_bench.launch import open_instance, run_grid
from darkwood_bench.partitions import Cell
from darkwood_bench.resources import Bench
from darkwood_bench.settings import settings_from_env
from darkwood_bench.trace import find_answers
from darkwood_bench.ui import trace_routes

VARIANTS = ("minimal", "schema")


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the tables of a scripted model under two variants are."""
    home = tmp_path_factory.mktemp("home")
    settings = replace(settings_from_env(), dagster_home=home, tables=str(home / "tables"))
    bench = Bench(settings)
    with open_instance(bench) as instance:
        cells = [Cell("script", variant) for variant in VARIANTS]
        run_grid(instance, bench, cells, VARIANTS, RunConfig())
    yield settings.tables


@pytest.fixture
def shown(judged: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator["Shown"]:
    monkeypatch.setenv("DARKWOOD_TABLES", judged)
    yield Shown(monkeypatch)


class Shown:
    """What `darkwood trace` prints on a terminal of 80 columns."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch

    def __call__(self, *words: str, width: int = 80) -> str:
        console = Console(width=width)
        self.monkeypatch.setattr(trace_view, "out", console)
        self.monkeypatch.setattr(terminal, "err", Console(stderr=True, width=1000))
        result = CliRunner().invoke(app, ["trace", *words])
        self.code = result.exit_code
        return result.output


def test_an_answer_is_told_from_question_to_class(shown: Shown) -> None:
    text = shown("script", "minimal", "zoo/oldest")
    stages = ["question", "prompt", "raw text", "code", "executions", "difference", "verdict"]
    places = [text.index(f"\n{stage}") for stage in [*stages, "gold"]]
    assert places == sorted(places)
    assert "class: wrong_values" in text
    assert "gold 1" in text
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 80
    # Once more by its generation, and by its name without the suite.
    (line,) = (line for line in text.splitlines() if "generation " in line)
    assert shown("-g", line.split()[-1][:10]) == text
    assert shown("script", "minimal", "oldest") == text


def test_a_task_has_a_line_for_each_partition(shown: Shown) -> None:
    lines = [line for line in shown("--task", "heavy").splitlines() if "zoo/heavy" in line]
    assert [line.split()[:2] for line in lines] == [["script", v] for v in VARIANTS]
    assert all("correct" in line for line in lines)


def test_failures_of_a_class_are_listed_and_no_others(shown: Shown) -> None:
    text = shown("--failures", "unknown_column")
    assert "zoo/fed" in text
    assert "zoo/oldest" not in text
    only = shown("script", "schema", "--failures", "unknown_column")
    assert only.count("zoo/fed") == 1
    assert "failure class" in shown("-f", "unknown_colum")
    assert shown.code == 2


def test_what_is_not_there_is_said_in_a_line(shown: Shown) -> None:
    said = {
        ("script", "minimal", "zoo/heavyy"): "did you mean zoo/heavy",
        ("-g", "zzz"): "no generation that begins with 'zzz' in 2 partitions",
        ("smollm2-135m",): "no answers of smollm2-135m were judged yet",
        ("-f", "no_result"): "no answer of the class no_result in 2 partitions",
    }
    for words, message in said.items():
        text = shown(*words)
        assert message in text, text
        assert shown.code != 0


def test_code_is_whole_however_narrow_the_terminal(shown: Shown) -> None:
    text = "".join(shown("script", "minimal", "zoo/heavy", width=40).split())
    assert 'result=animals.filter(pl.col("weight_kg")>20)' in text


def test_the_same_stories_are_pages_of_the_ui(judged: str) -> None:
    settings = replace(settings_from_env(), tables=judged)
    client = TestClient(Starlette(routes=trace_routes(settings)))
    table = client.get("/trace/script/minimal")
    assert table.status_code == 200
    assert "1 of 5 answers are correct" in table.text
    link = "/trace/script/minimal/zoo/fed"
    assert f'href="{link}"' in table.text
    assert "zoo/fed" not in client.get("/trace/script/minimal?class=no_code").text

    story = client.get(link)
    assert story.status_code == 200
    stages = ["Question", "Prompt", "Raw text", "Code", "Executions", "Verdict", "Gold"]
    places = [story.text.index(f"<h2>{stage}") for stage in stages]
    assert places == sorted(places)
    assert "class unknown_column" in story.text
    assert "<script" not in story.text
    (answer,) = find_answers(judged, [("script", "minimal")], task="zoo/fed")
    assert client.get(f"/trace/generation/{answer.generation_id[:12]}").text == story.text


@pytest.mark.parametrize(
    "path",
    [
        "/trace/script/best_cpu",
        "/trace/script/minimal/zoo/nothing",
        "/trace/generation/zzz",
        "/trace/..%2Ftasks/minimal",
        "/trace/script/%3Cb%3E/x",
    ],
)
def test_a_page_that_is_not_there_says_so(judged: str, path: str) -> None:
    settings = replace(settings_from_env(), tables=judged)
    reply = TestClient(Starlette(routes=trace_routes(settings))).get(path)
    assert reply.status_code == 404
    assert "Nothing to trace" in reply.text
    assert "<b>" not in reply.text
