"""What a supervisor that was killed leaves behind, and who removes it."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from darkwood_bench.sandbox.jail import SCRATCH_FOLDERS
from darkwood_bench.temporary import make_temporary, sweep_temporary

SUPERVISOR = """
import sys
import darkwood_bench.sandbox.sandbox as sandbox_module
from darkwood_bench.sandbox import Sandbox, isolation
isolation.bubblewraps = list
report = isolation.probe_isolation.__wrapped__()
sandbox_module.probe_isolation = lambda: report
with Sandbox({}, min_isolation="L0") as sandbox:
    if "run" in sys.argv:
        sandbox.run("import time\\ntime.sleep(60)")
"""


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder for temporary files, which other processes use too."""
    path = Path(tempfile.mkdtemp())
    monkeypatch.setenv("TMPDIR", str(path))
    monkeypatch.setattr(tempfile, "tempdir", str(path))
    yield path
    shutil.rmtree(path)


def test_the_next_supervisor_removes_what_a_killed_one_left(folder: Path) -> None:
    killed = subprocess.Popen([sys.executable, "-c", SUPERVISOR, "run"])
    until = time.monotonic() + 60
    while not (left := list(folder.glob(f"darkwood-scratch-{killed.pid}-*"))):
        assert time.monotonic() < until
        time.sleep(0.05)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    ours = make_temporary(SCRATCH_FOLDERS)
    assert any(path.is_dir() for path in left)
    subprocess.run([sys.executable, "-c", SUPERVISOR], check=True)
    assert list(folder.iterdir()) == [ours]


def test_a_number_that_another_process_has_now_is_no_sign_of_life(folder: Path) -> None:
    started = int(psutil.Process().create_time())
    for name in (f"{os.getpid()}-{started}-x", f"{os.getpid()}-{started - 60}-x", "notours"):
        (folder / f"darkwood-scratch-{name}").mkdir()
    sweep_temporary(SCRATCH_FOLDERS)
    assert {path.name for path in folder.iterdir()} == {
        f"darkwood-scratch-{os.getpid()}-{started}-x",
        "darkwood-scratch-notours",
    }
