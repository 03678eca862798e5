"""The commands of docs/copilot.md, run as they stand, over the service with a scripted model."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from page_service import scripted, serving

from darkwood_bench.settings import PROJECT

DOCS = (PROJECT / "docs" / "copilot.md").read_text()
ADDRESS = "http://127.0.0.1:8000"
DATA = PROJECT / "examples" / "data"
ANSWERS = r"""
answers:
  - match: spent in each city
    text: result = orders.group_by("city").agg(spent=pl.col("total").sum()).sort("city")
  - match: How many orders are there
    text: result = orders.select(n=pl.len())
"""


def blocks(language: str, section: str) -> list[str]:
    """The code blocks of a section."""
    (text,) = re.findall(rf"^## {re.escape(section)}$(.*?)(?=^## |\Z)", DOCS, re.M | re.S)
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("docs")
    with serving(folder, ANSWERS, data=(DATA,)) as address:
        yield address.rstrip("/")


def output(command: list[str], text: str, url: str) -> str:
    assert ADDRESS in text
    filled = text.replace(ADDRESS, url)
    result = subprocess.run([*command, filled], capture_output=True, text=True, cwd=PROJECT)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("number", range(5))
def test_curl(url: str, number: int) -> None:
    shown = blocks("sh", "curl")
    assert len(shown) == 5
    said = output(["bash", "-ec"], shown[number], url)
    assert "group_by" in said
    if number >= 3:
        assert re.search(r'"verified": ?true', said)
    if number == 4:
        assert said.index("event: progress") < said.index("event: answer")


def test_python(url: str) -> None:
    (program,) = blocks("python", "Python")
    said = output([sys.executable, "-c"], program, url)
    assert "Tromsø" in said
    assert "12.25" in said


def test_mcp(tmp_path: Path) -> None:
    pytest.importorskip("mcp", reason="the extra mcp is not installed")
    (program,) = blocks("python", "Assistants (MCP)")
    bench = scripted(tmp_path, ANSWERS)
    bare = 'command="darkwood", args=['
    assert bare in program
    # The command is the same, by this interpreter, with the scripted model.
    ours = f"command={sys.executable!r}, env=dict(os.environ), args=['-m', 'darkwood_bench', "
    variables = os.environ | {
        "DARKWOOD_MODELS": str(bench.models[0]),
        "DARKWOOD_CACHE": str(bench.cache),
        "DARKWOOD_SERVE_VARIANT": "terse_twelve",
    }
    text = "import os\n" + program.replace(bare, ours)
    result = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, cwd=PROJECT, env=variables
    )
    assert result.returncode == 0, result.stderr
    assert "'verified': True" in result.stdout
    assert "[[5]]" in result.stdout


def test_every_setting_is_described() -> None:
    from darkwood_bench.copilot.settings import CopilotSettings

    (section,) = re.findall(r"^## Settings and limits$(.*?)^## ", DOCS, re.M | re.S)
    options = set(re.findall(r"`--([a-z-]+)`", section))
    names = {option.replace("-", "_") for option in options} | {"timeout_s"}
    told_otherwise = {"token", "max_uploads", "upload_expires_s", "stop_s"}
    names |= {name.lower() for name in re.findall(r"`DARKWOOD_SERVE_(\w+)`", section)}
    fields = set(CopilotSettings.__dataclass_fields__)
    assert fields - names - told_otherwise == {"model", "variant"}


def test_every_alert_is_described() -> None:
    import yaml

    rules = PROJECT / "deploy" / "prometheus" / "darkwood.rules.yaml"
    (group,) = yaml.safe_load(rules.read_text())["groups"]
    assert all(rule["alert"] in DOCS for rule in group["rules"])
