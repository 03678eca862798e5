"""Which isolation is found, and what happens where there is too little."""

from dataclasses import replace
from pathlib import Path

import pytest
from small_limits import LIMITS

import darkwood_bench.sandbox.sandbox as sandbox_module
from darkwood_bench.sandbox import Sandbox, SandboxUnavailable, isolation, probe_isolation
from darkwood_bench.sandbox.isolation import bubblewraps
from darkwood_bench.sandbox.jail import Confinement

BARE = replace(
    probe_isolation(),
    level="L0",
    layers=("resource limits",),
    missing=("bubblewrap: not found",),
    advice=("Install bubblewrap.",),
    confinement=Confinement(),
)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has nothing."""
    monkeypatch.setattr(sandbox_module, "probe_isolation", lambda: BARE)
    monkeypatch.delenv(isolation.ALLOW_UNISOLATED, raising=False)


def test_levels_follow_from_what_holds() -> None:
    with_bubblewrap = Confinement(bubblewrap=Path("/usr/bin/bwrap"))
    levels = {
        "L3": replace(with_bubblewrap, landlock=True, seccomp=True),
        "L2": Confinement(landlock=True, seccomp=True),
        "L1": replace(with_bubblewrap, seccomp=True),
        "L0": replace(with_bubblewrap, landlock=True),
    }
    assert {isolation._level(confinement): confinement for confinement in levels.values()} == levels


def test_too_little_isolation_is_refused_with_the_fix(bare: None, tables: dict[str, Path]) -> None:
    with pytest.raises(SandboxUnavailable, match=r"L0, and L1 .* bubblewrap: not found.*Install"):
        Sandbox(tables)
    with pytest.raises(ValueError, match="L9"):
        Sandbox(tables, min_isolation="L9")


@pytest.mark.parametrize("way", ["parameter", "environment"])
def test_no_isolation_where_it_is_asked_for(
    bare: None, tables: dict[str, Path], way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if way == "environment":
        monkeypatch.setenv(isolation.ALLOW_UNISOLATED, "1")
    least = "L0" if way == "parameter" else "L1"
    with Sandbox(tables, LIMITS, min_isolation=least) as sandbox:
        execution = sandbox.run("result = orders.height")
        endless = sandbox.run("while True: pass")
    assert execution.result is not None, execution
    assert execution.result.item() == 20_000
    assert execution.isolation_level == "L0"
    assert endless.status == "timeout"


@pytest.mark.parametrize("bubblewrap", bubblewraps(), ids=lambda path: path.parent.name)
def test_each_bubblewrap_is_used_as_it_comes(
    bubblewrap: Path, tables: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolation, "bubblewraps", lambda: [bubblewrap])
    report = probe_isolation.__wrapped__()
    if report.confinement.bubblewrap is None:
        pytest.skip(f"it does not start here: {report.missing}")
    monkeypatch.setattr(sandbox_module, "probe_isolation", lambda: report)
    with Sandbox(tables, LIMITS) as sandbox:
        execution = sandbox.run("result = orders.height")
    assert execution.status == "ok", execution
    assert "bubblewrap" in execution.layers


def test_a_bubblewrap_that_does_not_start_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text(
        "#!/bin/sh\necho 'bwrap: No permissions to create a new namespace' >&2\nexit 1\n"
    )
    broken.chmod(0o755)
    monkeypatch.setattr(isolation, "bubblewraps", lambda: [broken])
    report = probe_isolation.__wrapped__()
    assert report.level != "L3"
    assert "bubblewrap: bwrap: No permissions to create a new namespace" in report.missing
    assert "bubblewrap" in report.advice[0]
