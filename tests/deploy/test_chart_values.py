"""What the values for Dagster's chart come to: an instance that Dagster takes, and pods that
Kubernetes takes. The chart is not rendered: `instance_of` says what it makes of each part."""

import re
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from darkwood_bench.cluster.resources import kubernetes_tag
from darkwood_bench.harness import load_models
from darkwood_bench.settings import PROJECT

kubernetes = pytest.importorskip("kubernetes", reason="pip install -e '.[dev]'")
kubernetes_validate = pytest.importorskip("kubernetes_validate", reason="pip install -e '.[dev]'")
dagster_k8s = pytest.importorskip("dagster_k8s", reason="pip install -e '.[dev]'")

DEPLOY = PROJECT / "deploy"
VERSION = "1.31"
REGISTRY = """
models:
  large: {title: t, file: b, default: true, sources: [{local: b}],
          resources: {gpus: 1, cpus: 8, memory: 32GB}}
"""
KUBECONFIG = """
apiVersion: v1
kind: Config
clusters: [{name: none, cluster: {server: "https://127.0.0.1:1"}}]
contexts: [{name: none, context: {cluster: none, user: none}}]
users: [{name: none, user: {}}]
current-context: none
"""


@pytest.fixture(scope="module")
def values() -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / "k8s" / "values.yaml").read_text())


@pytest.fixture
def instance(values: dict[str, Any], tmp_path: Path) -> dg.DagsterInstance:
    (tmp_path / "kubeconfig").write_text(KUBECONFIG)
    config = instance_of(values, tmp_path / "kubeconfig")
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump(config))
    return dg.DagsterInstance.from_config(str(tmp_path))


def instance_of(values: dict[str, Any], kubeconfig: Path) -> dict[str, Any]:
    """dagster.yaml as the chart writes it, but for the database: a part of the values each, with
    Dagster's names."""
    daemon = values["dagsterDaemon"]
    concurrency = {name: part for name, part in values["concurrency"].items() if name != "enabled"}
    retention = {name: part for name, part in values["retention"].items() if name != "enabled"}
    launcher = values["runLauncher"]["config"]["k8sRunLauncher"]
    assert values["concurrency"]["enabled"]
    assert values["retention"]["enabled"]
    return {
        "run_coordinator": {
            "module": "dagster.core.run_coordinator",
            "class": "QueuedRunCoordinator",
            "config": snake(daemon.get("runCoordinator", {})),
        },
        "run_launcher": {
            "module": "dagster_k8s",
            "class": values["runLauncher"]["type"],
            "config": {
                "load_incluster_config": False,  # a pod has its own
                "kubeconfig_file": str(kubeconfig),
                "service_account_name": "dagster",
                "dagster_home": "/opt/dagster/dagster_home",
                "instance_config_map": "dagster-instance",
                "postgres_password_secret": values["global"]["postgresqlSecretName"],
                "image_pull_policy": launcher["imagePullPolicy"],
                "env_secrets": [secret["name"] for secret in launcher["envSecrets"]],
                "run_k8s_config": {
                    snake_name(name): part for name, part in launcher["runK8sConfig"].items()
                },
            },
        },
        "concurrency": snake(concurrency),
        "retention": snake(retention),
        "run_monitoring": snake(daemon["runMonitoring"]),
        "run_retries": snake(daemon["runRetries"]),
        "telemetry": values["telemetry"],
    }


def snake(part: Any) -> Any:
    if not isinstance(part, dict):
        return part
    return {snake_name(name): snake(value) for name, value in part.items()}


def snake_name(name: str) -> str:
    return re.sub("([A-Z])", r"_\1", name).lower()


def test_dagster_takes_the_instance_and_it_retries_and_queues_as_on_ray(
    instance: dg.DagsterInstance,
) -> None:
    ray = yaml.safe_load((DEPLOY / "ray" / "dagster.yaml").read_text())
    assert instance.run_retries_enabled
    assert instance.run_retries_max_retries == ray["run_retries"]["max_retries"]
    assert not instance.get_settings("run_retries")["retry_on_asset_or_op_failure"]
    assert instance.get_settings("concurrency") == ray["concurrency"]
    assert instance.run_monitoring_max_resume_run_attempts == 0
    assert instance.get_settings("retention") == ray["retention"]
    queue = instance.get_concurrency_config().run_queue_config
    assert queue is not None
    assert queue.max_concurrent_runs == 256


def test_the_pod_of_a_run_has_its_model_s_resources_and_a_home_on_its_own_disk(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    (tmp_path / "models.yaml").write_text(REGISTRY)
    tag = kubernetes_tag(load_models(tmp_path / "models.yaml")["large"])
    launcher: Any = instance.run_launcher
    assert isinstance(launcher, dagster_k8s.K8sRunLauncher)
    context = launcher.get_container_context_for_run(dg.DagsterRun("benchmark", tags=tag))
    job = dagster_k8s.construct_dagster_k8s_job(
        context.get_k8s_job_config("IMAGE:TAG", launcher),
        args=["dagster", "api", "execute_run"],
        job_name="dagster-run",
        user_defined_k8s_config=context.run_k8s_config,
    )
    manifest = kubernetes.client.ApiClient().sanitize_for_serialization(job)
    kubernetes_validate.validate(manifest, VERSION, strict=True)

    pod = manifest["spec"]["template"]["spec"]
    shown = yaml.safe_load((DEPLOY / "k8s" / "gpu-run-pod.yaml").read_text())["spec"]
    for of_pod in ("automountServiceAccountToken", "securityContext", "tolerations"):
        assert pod[of_pod] == shown[of_pod], of_pod
    (container,) = pod["containers"]
    assert container["securityContext"] == shown["containers"][0]["securityContext"]
    asked = {"cpu": "8", "memory": "32000000000", "nvidia.com/gpu": "1"}
    assert container["resources"] == {"requests": asked, "limits": asked}
    # Of two variables of a name the last counts: not the folder with the chart's dagster.yaml.
    env = {each["name"]: each.get("value") for each in container["env"]}
    assert env["DAGSTER_HOME"] == "/scratch/home"
    assert {mount["mountPath"] for mount in container["volumeMounts"]} >= {"/scratch"}
    assert {"secretRef": {"name": "darkwood"}} in container["envFrom"]
