"""`darkwood report`: where it writes, what it says, and what it refuses."""

import re
import webbrowser
from pathlib import Path

import polars as pl
import pytest
from made_store import Size, make_store
from starlette.testclient import TestClient
from typer.testing import CliRunner

from darkwood_bench.cli import BOUNDARY_ERRORS, app
from darkwood_bench.commands.terminal import err
from darkwood_bench.copilot.app import create_app
from darkwood_bench.copilot.settings import CopilotSettings
from darkwood_bench.report import ReportError
from darkwood_bench.report_source import read_contents, report_folder
from darkwood_bench.settings import settings_from_env
from darkwood_bench.storage import TableError

SMALL = Size(models=2, variants=2, tasks=4, suites=2)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    tables = make_store(tmp_path, SMALL)
    monkeypatch.setenv("DARKWOOD_TABLES", tables)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    return tables


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["report", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_it_says_where_it_wrote_and_the_copilot_finds_it_there(store: str) -> None:
    folder = report_folder(settings_from_env())
    first = run()
    assert first.splitlines()[-1] == str(folder / "index.html")
    assert (folder / "index.html").is_file()
    assert " 0 of them new or changed" in run()
    service = create_app(CopilotSettings(model="script"), settings_from_env())
    visitor = TestClient(service, base_url="http://127.0.0.1:8000")
    index = visitor.get("/report/")
    assert index.status_code == 200
    assert index.headers["content-type"].startswith("text/html")
    assert index.text == (folder / "index.html").read_text()
    linked = set(re.findall(r'(?:href|src)="((?!https?:|#)[^"#?]+)', index.text))
    assert len(linked) > 3
    assert {visitor.get(f"/report/{page}").status_code for page in linked} == {200}
    assert visitor.get("/report/../darkwood/tables/leaderboard.parquet").status_code == 404


def test_a_folder_and_a_baseline_can_be_chosen_and_a_browser_opened(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda address: opened.append(address) or True)
    folder = tmp_path / "out"
    run("-o", str(folder), "--baseline", "variant_1", "--open")
    assert opened == [(folder / "index.html").as_uri()]
    assert "against <b>variant_1</b>" in (folder / "prompts.html").read_text()
    with pytest.raises(ReportError, match=r"--baseline no-such: .* variant_0, variant_1"):
        CliRunner().invoke(app, ["report", "--baseline", "no-such"], catch_exceptions=False)
    assert ReportError in BOUNDARY_ERRORS


def test_answers_that_were_made_again_are_left_out_and_the_report_says_so(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(err, "print", lambda line, **_: said.append(line))
    path = Path(store, "generations", "model-0", "variant_0.parquet")
    frame = pl.read_parquet(path)
    frame.with_columns(generation_id=pl.col("generation_id") + "-again").write_parquet(path)
    run()
    assert "model-0 variant_0: its generations were made again since it was scored" in said[-1]
    index = (report_folder(settings_from_env()) / "index.html").read_text()
    assert "answers are not shown: its generations were made again" in index


def test_a_store_of_an_older_version_is_shown_as_far_as_it_goes(store: str) -> None:
    for path in Path(store, "generations").rglob("*.parquet"):
        pl.read_parquet(path).drop("finish_s").write_parquet(path)
    for path in Path(store, "differences").rglob("*.parquet"):
        path.unlink()
    folder = run().splitlines()[-1]
    pages = Path(folder).parent.glob("answers/*/*/*.html")
    assert any("an older version judged this answer" in page.read_text() for page in pages)


def test_what_cannot_be_read_is_named(store: str, tmp_path: Path) -> None:
    path = Path(store, "validations", "model-1", "variant_1.parquet")
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(
        TableError, match=r"validations/model-1/variant_1\.parquet: no whole Parquet"
    ):
        read_contents(store)
    with pytest.raises(ReportError, match="there is no leaderboard yet"):
        read_contents(str(tmp_path / "nowhere"))


def test_effects_are_those_of_the_paired_comparison(store: str) -> None:
    contents = read_contents(store, variants=["variant_1", "variant_0"])
    assert contents.baseline == "variant_1"
    (effect,) = [one for one in contents.effects["variant_0"] if one.model == "model-1"]
    (back,) = [one for one in contents.effects["variant_1"] if one.model == "model-1"]
    assert (effect.gained, effect.lost) == (back.lost, back.gained)
    assert effect.right - effect.right_baseline == effect.gained - effect.lost
    assert effect.common == SMALL.tasks
    if effect.time_ratio[0]:
        assert effect.time_ratio[0] == pytest.approx(1 / (back.time_ratio[0] or 0))
