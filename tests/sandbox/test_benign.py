"""Benign programs give the same inside the sandbox as in a plain Python process.

Each file of benign/ is one program over the tables of `benign_tables`. A first line `# NEEDS:
scratch` says that it writes files, which can be done where the sandbox has a file system of its own
to write to: at L3 and L1.
"""

import json
import pickle
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pytest
from benign_tables import write_tables
from polars.testing import assert_frame_equal

import darkwood_bench.sandbox.sandbox as sandbox_module
from darkwood_bench.sandbox import Execution, Limits, Sandbox, isolation, probe_isolation

PROGRAMS = {path.stem: path.read_text() for path in Path(__file__).parent.glob("benign/*.py")}
LEVELS = ("L3", "L2")
LIMITS = Limits(wall_s=60, cpu_s=30)
"""Slow is not harmed: other work on the machine must not count."""
ENVIRONMENT = {"POLARS_MAX_THREADS": "1", "PYTHONHASHSEED": "0", "TZ": "UTC", "LANG": "C.UTF-8"}
"""What the sandbox sets too, as far as values can depend on it."""


@pytest.fixture(scope="module")
def table_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("benign")
    folder.chmod(0o755)
    return write_tables(folder)


@pytest.fixture(scope="module")
def outside(
    table_files: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str | tuple[pl.DataFrame, str]]:
    """By program: what a plain process made of it."""
    folder = tmp_path_factory.mktemp("outside")
    wanted, made = folder / "wanted.json", folder / "made.pickle"
    tables = {name: str(path) for name, path in table_files.items()}
    wanted.write_text(json.dumps({"tables": tables, "programs": PROGRAMS}))
    script = Path(__file__).with_name("benign_outside.py")
    subprocess.run(
        [sys.executable, str(script), str(wanted), str(made)],
        stdin=subprocess.DEVNULL,
        env=ENVIRONMENT,
        cwd=folder,
        check=True,
    )
    return pickle.loads(made.read_bytes())


@dataclass
class Inside:
    """A sandbox of one level, and what programs came to in it; each is run when it is asked for,
    with those that follow it, so that they run side by side."""

    sandbox: Sandbox
    names: list[str]
    executions: dict[str, Execution] = field(default_factory=dict)

    def run(self, name: str) -> Execution:
        if name not in self.executions:
            start = self.names.index(name)
            some = self.names[start : start + 16]
            executions = self.sandbox.run_many(PROGRAMS[one] for one in some)
            self.executions |= dict(zip(some, executions, strict=True))
        return self.executions[name]


@pytest.fixture(scope="module")
def inside(table_files: dict[str, Path]) -> Iterator[dict[str, Inside]]:
    """By level, of those that this machine gives."""
    found = {}
    with ExitStack() as stack:
        for level in LEVELS:
            with pytest.MonkeyPatch.context() as patch:
                if level == "L2":  # the same machine as if it had no bubblewrap
                    patch.setattr(isolation, "bubblewraps", list)
                report = probe_isolation.__wrapped__()
                if report.level != level:
                    continue
                patch.setattr(sandbox_module, "probe_isolation", lambda report=report: report)
                sandbox = stack.enter_context(Sandbox(table_files, LIMITS))
            found[level] = Inside(sandbox, _names(level))
        yield found


def _names(level: str) -> list[str]:
    return sorted(name for name in PROGRAMS if level != "L2" or not _needs_scratch(name))


def _needs_scratch(name: str) -> bool:
    return PROGRAMS[name].startswith("# NEEDS: scratch\n")


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_same_inside_as_outside(
    inside: dict[str, Inside],
    outside: dict[str, str | tuple[pl.DataFrame, str]],
    name: str,
    level: str,
) -> None:
    if level not in inside:
        pytest.skip(f"this machine does not give {level}")
    if name not in inside[level].names:
        pytest.skip("files cannot be written without a mount namespace")
    expected = outside[name]
    assert not isinstance(expected, str), f"it fails outside too: {expected}"
    frame, printed = expected
    execution = inside[level].run(name)
    assert execution.status == "ok", (execution, execution.stderr)
    assert execution.result is not None
    assert execution.result.schema == frame.schema
    if not execution.result.equals(frame):
        # The order in which floats are added follows where their buffer lies.
        assert_frame_equal(execution.result, frame, rel_tol=1e-13, abs_tol=0)
    assert execution.stdout == printed
