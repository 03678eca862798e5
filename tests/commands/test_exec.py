"""`darkwood exec`, as a person calls it and as a program does."""

import io
import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console
from typer.testing import CliRunner

from darkwood_bench.cli import app
from darkwood_bench.commands import terminal
from darkwood_bench.commands.execution_view import as_json, excerpt, print_execution, printable
from darkwood_bench.sandbox import Execution, probe_isolation

pytestmark = pytest.mark.skipif(
    probe_isolation().level == "L0", reason="no isolation on this machine"
)
CARDS = pl.DataFrame({"name": ["b", "a", None], "cost": [1.5, float("nan"), 3.0]})


@pytest.fixture
def cards(tmp_path: Path) -> str:
    CARDS.write_parquet(tmp_path / "cards.parquet")
    return f"cards={tmp_path / 'cards.parquet'}"


def darkwood_exec(*arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "darkwood_bench", "exec", *arguments],
        input=code,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_person_sees_status_result_and_output(cards: str, tmp_path: Path) -> None:
    program = tmp_path / "answer.py"
    program.write_text("print('counted')\nresult = cards.sort('name')")
    shown = darkwood_exec(str(program), "--table", cards, "--rows", "2")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith("ok  3 rows × 2 columns, ")
    assert f"isolation {probe_isolation().level}" in shown.stdout
    for text in ("name", "null", "… 1 rows more", "stdout\ncounted"):
        assert text in shown.stdout


def test_a_program_gets_one_object_and_the_whole_result_in_a_file(
    cards: str, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.parquet"
    shown = darkwood_exec(
        "-", "-t", cards, "--json", "--output", str(kept), code="result = cards.select('cost')"
    )
    assert shown.returncode == 0, shown.stderr
    found = json.loads(shown.stdout)
    assert found["status"] == "ok"
    assert found["result"] == [{"cost": 1.5}, {"cost": None}, {"cost": 3.0}]
    assert (found["rows"], found["columns"]) == (3, {"cost": "Float64"})
    assert found["isolation_level"] == probe_isolation().level
    assert pl.read_parquet(kept).equals(CARDS.select("cost"))


def test_an_error_is_shown_where_it_is(cards: str) -> None:
    code = "x = 1\nresult = cards.select('coast')\ny = 2"
    shown = darkwood_exec("-", "-t", cards, code=code)
    assert shown.returncode == 3
    assert "runtime_error" in shown.stdout
    assert "ColumnNotFoundError: " in shown.stdout
    assert "> 2 | result = cards.select('coast')\n    | ^^^^^^^^^" in shown.stdout


def test_limits_are_those_asked_for() -> None:
    shown = darkwood_exec("-", "--timeout", "0.5", "--json", code="while True: pass")
    assert shown.returncode == 3
    assert json.loads(shown.stdout)["status"] == "timeout"
    block = "x = bytearray(300 << 20)\nresult = len(x)"
    shown = darkwood_exec("-", "--memory", "200", "--json", code=block)
    assert json.loads(shown.stdout)["status"] == "oom"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["nowhere.py"], "CODE_FILE: nowhere.py: No such file"),
        (["-", "--table", "cards"], "--table: 'cards' is not NAME=PATH; say, --table cards="),
        (["-", "--table", "a=x.parquet"], "--table: table 'a': there is no file x.parquet"),
        (["-", "--table", "class=x.csv"], "--table: table 'class': not a name"),
        (["-", "-t", "a=x.csv", "-t", "a=y.csv"], "--table: 'a' is given twice"),
        (["-", "--timeout", "0"], "--timeout: 0.0 is no limit; give more than 0"),
        (["-", "--memory", "-5"], "--memory: -5 is no limit"),
        (["-", "--rows", "-1"], "--rows: -1"),
        (["-", "--output", "a.txt"], "--output: a.txt ends in neither .parquet nor .csv"),
        (["-", "--output", "no/where/a.csv"], "--output: no/where/a.csv cannot be written"),
    ],
)
def test_what_cannot_be_asked_for_is_one_line(
    arguments: list[str], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = io.StringIO()
    monkeypatch.setattr(terminal, "err", Console(file=said, width=1000))
    ended = CliRunner().invoke(app, ["exec", *arguments], input="result = 1")
    assert ended.exit_code == 2
    assert ended.stdout == ""
    (line,) = said.getvalue().splitlines()
    assert line.startswith(f"error: {named}")


def test_a_result_that_csv_cannot_hold_is_shown_and_refused(tmp_path: Path) -> None:
    kept = tmp_path / "kept.csv"
    code = "result = pl.DataFrame({'a': [[1]]})"
    shown = darkwood_exec("-", "--output", str(kept), code=code)
    assert shown.returncode == 2
    assert "ok  1 rows" in shown.stdout
    assert "--output: CSV has no form for a; use .parquet" in shown.stderr
    assert not kept.exists()


def test_every_dtype_has_a_json_form() -> None:
    frame = pl.DataFrame(
        {
            "binary": [b"\x00\xff"],
            "nested": [[b"a"]],
            "decimal": pl.Series(["1.50"]).str.to_decimal(scale=2),
            "date": pl.Series(["2024-02-29"]).str.to_date(),
            "far": pl.Series([2**63 - 1]).cast(pl.Datetime("us")),
        }
    )
    shown = json.loads(as_json(Execution("ok", "L3", (), result=frame), None))
    (row,) = shown["result"]
    assert row["binary"] == "00ff"
    assert row["nested"] == "[b'a']"
    assert (row["decimal"], row["date"]) == ("1.50", "2024-02-29")
    assert row["far"] == 2**63 - 1


def test_dates_beyond_what_can_be_written_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    frame = pl.DataFrame({"far": pl.Series([2**31 - 1], dtype=pl.Int32).cast(pl.Date), "b": ["x"]})
    print_execution(Execution("ok", "L3", (), result=frame), "", 5)
    assert str(2**31 - 1) in capsys.readouterr().out


def test_nothing_steers_the_terminal() -> None:
    assert printable("a\x1b[2Jb\r\x07\n\té") == "a\\x1b[2Jb\\x0d\\x07\n\té"


def test_excerpts_at_the_edges_of_the_code() -> None:
    assert excerpt("a\n\tb c\nd\ne\nf", 2) == [
        "  1 | a",
        "> 2 |     b c",
        "    |     ^^^",
        "  3 | d",
        "  4 | e",
    ]
    assert excerpt("only", 1) == ["> 1 | only", "    | ^^^^"]
