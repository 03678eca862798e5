"""The walls of docs/architecture.md: stage packages know neither Dagster nor one another."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from darkwood_bench.settings import PACKAGE

STAGES = ("tasks", "prompting", "harness", "sandbox", "validation", "scoring", "report")


def imported(file: Path) -> set[str]:
    """Every module that a file imports, at its top or inside functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_imports_neither_dagster_nor_another_stage(stage: str) -> None:
    files = list((PACKAGE / stage).rglob("*.py"))
    assert files
    foreign = {f"darkwood_bench.{other}" for other in (*STAGES, "assets", "commands")}
    foreign.discard(f"darkwood_bench.{stage}")
    for file in files:
        for name in imported(file):
            assert not name.startswith("dagster"), (file, name)
            assert not any(name == f or name.startswith(f"{f}.") for f in foreign), (file, name)


def test_neither_pandas_nor_torch_is_in_the_import_path() -> None:
    code = (
        "import sys, darkwood_bench.cli, darkwood_bench.definitions;"
        "print([name for name in ('pandas', 'torch', 'pandera') if name in sys.modules])"
    )
    command = [sys.executable, "-W", "ignore", "-c", code]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_a_command_starts_without_what_only_runs_and_downloads_need() -> None:
    code = (
        "import sys, darkwood_bench.cli; "
        "print([name for name in ('dagster', 'httpx2', 'pandera') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
