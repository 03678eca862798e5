"""A small share of what `endurance.py` does in full."""

import subprocess
import sys
from pathlib import Path

import pytest

from darkwood_bench.sandbox import probe_isolation

ENDURANCE = Path(__file__).with_name("endurance.py")


def test_mixed_programs_and_kills_leave_nothing_wrong_and_nothing_behind() -> None:
    if probe_isolation().level < "L2":
        pytest.skip("programs of the corpus run where they are contained only")
    few = ["--executions", "200", "--kills", "8", "--supervisors", "2"]
    run = subprocess.run(
        [sys.executable, str(ENDURANCE), *few], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "supervisors killed: 2, left behind: 0" in run.stdout
