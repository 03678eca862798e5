"""`darkwood run --model` of a submission, as a person calls it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

PATIENCE_S = 120
SERVER = Path(__file__).parents[1] / "harness" / "contract_server.py"
BANK = Path(__file__).parents[1] / "bank"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    script = {
        "title": "Scripted answers",
        "default": True,
        "backend": "scripted",
        "file": "answers.yaml",
        "sources": [{"local": str(BANK / "answers.yaml")}],
    }
    entry = {"title": "An entry", "submission": {"command": ["{python}", str(SERVER)]}}
    (tmp_path / "entry").mkdir()
    registry = tmp_path / "entry" / "models.yaml"
    registry.write_text(yaml.safe_dump({"models": {"script": script, "entry": entry}}))
    return tmp_path


def darkwood(home: Path, *arguments: str, code: int = 0) -> tuple[str, str]:
    places = {
        "DAGSTER_HOME": str(home / "home"),
        "DARKWOOD_MODELS": str(home / "entry" / "models.yaml"),
        "DARKWOOD_CACHE": str(home / "cache"),
        "COLUMNS": "200",
    }
    done = subprocess.run(
        [sys.executable, "-m", "darkwood_bench", *arguments],
        env=os.environ | places,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.returncode == code, done.stderr
    return done.stdout, done.stderr


def test_an_entry_is_a_row_on_the_board_without_a_word_on_variants(home: Path) -> None:
    out, err = darkwood(home, "run", "--model", "entry", "--quick", "--json")
    assert "asking entry under own" in err
    (row,) = json.loads(out)
    assert (row["model"], row["prompt_variant"], row["n_tasks"]) == ("entry", "own", 5)
    assert row["T"] > 0
    assert row["RAM_GB"] > 0.02, "two Pythons are larger"
    assert row["weights_sha256"].startswith("code:")

    out, _ = darkwood(home, "trace", "entry", "own", "heavy")
    assert "tokens unknown" in out


def test_a_variant_that_does_not_suit_is_refused_before_anything_runs(home: Path) -> None:
    _, err = darkwood(home, "run", "--model", "entry", "--variant", "schema", code=2)
    assert "entry brings its own prompt and cannot be asked under 'schema'" in err
    _, err = darkwood(home, "run", "--model", "script", "--variant", "own", code=2)
    assert "'own' is for submissions" in err
    assert not (home / "home" / "darkwood").exists()
