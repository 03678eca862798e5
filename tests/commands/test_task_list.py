"""`darkwood tasks list` fits a terminal, whatever the questions hold."""

import pytest
from typer.testing import CliRunner

from darkwood_bench.cli import app
from darkwood_bench.settings import PROJECT


def test_the_whole_bank_fits_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DARKWOOD_DATASETS", str(PROJECT / "datasets"))
    result = CliRunner().invoke(app, ["tasks", "list"], env={"COLUMNS": "80"})
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert len(lines) > 300
    assert max(map(len, lines)) <= 80
