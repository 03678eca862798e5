"""What a run asks of a cluster: the resources of the models that it is about."""

import json
from collections.abc import Mapping

from darkwood_bench.harness import ModelSpec

PARTITION = "dagster/partition"
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"


def models_of(tags: Mapping[str, str], models: Mapping[str, ModelSpec]) -> list[str]:
    """The models of a run's partition or range of partitions, in the registry's order.

    `tags`: of the run. Models that are in the registry no more are left out.
    """
    first = tags.get(RANGE_START) or tags.get(PARTITION)
    last = tags.get(RANGE_END) or first
    if first is None or last is None:
        return []
    names = list(models)
    ends = [name for name in (_model(first), _model(last)) if name in models]
    if len(ends) < 2:
        return ends
    low, high = sorted(map(names.index, ends))
    return names[low : high + 1]


def ray_resources(tags: Mapping[str, str], models: Mapping[str, ModelSpec]) -> str | None:
    """The value of the run's tag `dagster-ray/config`: the most that any of its models asks for.

    None where none of them asks for anything: then dagster.yaml says what a run gets.
    """
    asked = [models[name].resources for name in models_of(tags, models)]
    needs = [resources.ray() for resources in asked if resources is not None]
    names = dict.fromkeys(name for need in needs for name in need)
    most = {name: max(need.get(name, 0) for need in needs) for name in names}
    return json.dumps(most) if most else None


def kubernetes_tag(spec: ModelSpec) -> dict[str, str]:
    """The run tag from which dagster-k8s takes a pod's resources; none where the entry has none."""
    if spec.resources is None:
        return {}
    asked = spec.resources.kubernetes()
    container = {"resources": {"requests": asked, "limits": asked}}
    return {"dagster-k8s/config": json.dumps({"container_config": container})}


def _model(key: str) -> str:
    return key.partition("|")[0]
