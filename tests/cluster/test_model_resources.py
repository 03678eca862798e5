"""What runs ask of a cluster."""

import json
from pathlib import Path

import pytest

from darkwood_bench.cluster.resources import kubernetes_tag, models_of, ray_resources
from darkwood_bench.harness import RegistryError, load_models
from darkwood_bench.partitions import Cell, range_tags

REGISTRY = """
models:
  plain: {title: t, file: a, default: true, sources: [{local: a}]}
  large: {title: t, file: b, sources: [{local: b}], resources: {gpus: 1, cpus: 8, memory: 16GB}}
  small: {title: t, file: c, sources: [{local: c}], resources: {cpus: 2}}
"""


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    path = tmp_path / "models.yaml"
    path.write_text(REGISTRY)
    return path


def test_a_run_asks_for_what_its_model_needs(registry: Path) -> None:
    models = load_models(registry)

    def asked(first: str, last: str) -> dict[str, float] | None:
        value = ray_resources(range_tags(Cell(first, "x"), Cell(last, "y")), models)
        return json.loads(value) if value else None

    large = {"num_gpus": 1, "num_cpus": 8, "memory": 16_000_000_000}
    assert asked("large", "large") == large
    assert asked("small", "small") == {"num_cpus": 2}
    assert asked("plain", "plain") is None
    assert asked("large", "small") == asked("plain", "small") == large
    assert ray_resources({"dagster/partition": "small|x"}, models) == '{"num_cpus": 2.0}'
    assert ray_resources({}, models) is None
    assert models_of({"dagster/partition": "gone|x"}, models) == []


def test_a_pod_is_given_the_same(registry: Path) -> None:
    models = load_models(registry)
    (tag,) = kubernetes_tag(models["large"]).values()
    asked = {"cpu": "8", "nvidia.com/gpu": "1", "memory": "16000000000"}
    assert json.loads(tag) == {
        "container_config": {"resources": {"requests": asked, "limits": asked}}
    }
    assert kubernetes_tag(models["plain"]) == {}


def test_memory_that_is_no_size_is_named(registry: Path) -> None:
    registry.write_text(REGISTRY.replace("cpus: 2", "cpus: 2, memory: lots"))
    with pytest.raises(RegistryError, match=r"small\.resources\.memory: .lots. is no"):
        load_models(registry)
