"""The manifests for Kubernetes, against its schemas; nothing of them was tried on a cluster."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from darkwood_bench.settings import PROJECT

kubernetes_validate = pytest.importorskip("kubernetes_validate", reason="pip install -e '.[dev]'")

DEPLOY = PROJECT / "deploy"
VERSION = "1.31"


def load(path: str) -> Any:
    return yaml.safe_load(Path(DEPLOY / path).read_text())


def check(manifest: dict[str, Any]) -> None:
    """Raises for a field that is not known, or has a value of another kind."""
    kubernetes_validate.validate(manifest, VERSION, strict=True)


def pod(spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": spec}


def test_a_field_that_is_not_known_is_refused() -> None:
    with pytest.raises(kubernetes_validate.ValidationError):
        check(pod({"containers": [{"name": "x", "image": "x", "enviroment": []}]}))


def test_the_gpu_pod() -> None:
    check(load("k8s/gpu-run-pod.yaml"))


def test_the_pods_of_the_ray_cluster() -> None:
    spec = load("ray/cluster.yaml")["spec"]
    groups = [spec["headGroupSpec"], *spec["workerGroupSpecs"]]
    for group in groups:
        if "sandbox" in group["rayStartParams"].get("resources", ""):  # it runs strangers' code
            assert group["template"]["spec"]["automountServiceAccountToken"] is False
        check(pod(group["template"]["spec"]))
    offers = [group["rayStartParams"].get("resources", "") for group in groups]
    assert sum("sandbox" in offer for offer in offers) == 1


def test_the_pod_with_the_code_of_the_chart() -> None:
    (code,) = load("k8s/values.yaml")["dagster-user-deployments"]["deployments"]
    check(pod({"containers": [{"name": "code", "image": "x", "env": code["env"]}]}))


def test_ray_is_the_version_that_is_pinned() -> None:
    pinned = (PROJECT / "constraints.txt").read_text().splitlines()
    assert f"ray=={load('ray/cluster.yaml')['spec']['rayVersion']}" in pinned


def test_every_variable_of_dagster_yaml_is_given_to_runs() -> None:
    """A node builds the same instance from what it is sent."""
    text = (DEPLOY / "ray" / "dagster.yaml").read_text()
    config = yaml.safe_load(text)
    database = config["storage"]["postgres"]["postgres_db"]
    needed = {value["env"] for value in database.values() if isinstance(value, dict)}
    assert needed <= set(config["run_launcher"]["config"]["ray"]["env_vars"])
