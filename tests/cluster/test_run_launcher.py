"""What Ray is asked for a run, by Ray's own word: a head on this machine, and no node to run on."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

ray = pytest.importorskip("ray", reason="pip install -e '.[ray]'")
pytest.importorskip("dagster_ray", reason="pip install -e '.[ray]'")

from free_port import free_port  # noqa: E402
from ray_cluster import QUIET, ray_cluster  # noqa: E402
from ray_jobs import resources_of_jobs  # noqa: E402

from darkwood_bench.assets.slices import RunConfig  # noqa: E402
from darkwood_bench.harness import load_models  # noqa: E402
from darkwood_bench.launched import launch_grid  # noqa: E402
from darkwood_bench.partitions import Cell  # noqa: E402

VARIANTS = ["minimal", "schema"]
REGISTRY = """
models:
  plain: {title: t, backend: scripted, file: a, default: true, sources: [{local: a}]}
  large:
    title: t
    backend: scripted
    file: b
    sources: [{local: b}]
    resources: {gpus: 2, cpus: 8, memory: 16GB}
"""
INSTANCE = """
run_launcher:
  module: darkwood_bench.cluster.launcher
  class: ModelRunLauncher
  config: {ray: {address: "%s", num_cpus: 1}}
run_coordinator: {module: dagster.core.run_coordinator, class: DefaultRunCoordinator}
telemetry: {enabled: false}
"""


@pytest.fixture(scope="module")
def jobs() -> Iterator[str]:
    """The address that jobs are submitted to."""
    port = free_port()
    with (
        ray_cluster(free_port(), {"PYTHONPATH": os.pathsep.join(sys.path)}) as cluster,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in QUIET.items():
            patch.setenv(name, value)
        cluster.start_head(dashboard=port)
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def instance(
    jobs: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dg.DagsterInstance]:
    (tmp_path / "models.yaml").write_text(REGISTRY)
    (tmp_path / "dagster.yaml").write_text(INSTANCE % jobs)
    monkeypatch.setenv("DARKWOOD_MODELS", str(tmp_path / "models.yaml"))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        yield instance


def test_a_run_s_job_is_asked_for_with_what_its_model_s_entry_says(
    instance: dg.DagsterInstance, jobs: str
) -> None:
    models = load_models(Path(os.environ["DARKWOOD_MODELS"]))
    cells = [Cell(model, variant) for model in models for variant in VARIANTS]
    config = RunConfig(limit=1)
    launched = {
        each.model: each.run_ids[0]
        for each in launch_grid(instance, models, cells, VARIANTS, config)
    }
    asked = {model: resources_asked(jobs, run) for model, run in launched.items()}
    # What an entry does not say is dagster.yaml's.
    assert asked == {"plain": {"CPU": 1.0}, "large": {"CPU": 8.0, "GPU": 2.0, "memory": 16e9}}


def resources_asked(jobs: str, run_id: str) -> dict[str, float]:
    """Of a run's job, once Ray has it in its list."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for job, asked in resources_of_jobs(jobs).items():
            if run_id in job:
                return asked
        time.sleep(0.2)
    raise AssertionError(f"no job of run {run_id}")
