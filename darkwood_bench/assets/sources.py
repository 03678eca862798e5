"""What scores depend on that people edit: suites, prompt variants, models.

Each is a source whose data version is a hash of what it says. Assets that depend on it are stale in
the UI once it says something else: of a variant or a model, only the partitions that use it.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import dagster as dg

from darkwood_bench.harness import (
    BackendError,
    ModelSpec,
    WeightsError,
    load_models,
    weights_sha256,
)
from darkwood_bench.identity import content_id, file_hash
from darkwood_bench.partitions import GRID
from darkwood_bench.prompting import OWN, OWN_HASH, load_variants, variant_hash
from darkwood_bench.resources import Bench
from darkwood_bench.settings import Settings

Versions = Mapping[str | None, str]
"""By partition; None is the key of a source that has none."""

GROUP = "0_sources"
GONE = "gone"
"""The version of what a registry no longer has, or whose files are not there."""
SAYS_NOTHING = ("reports", "README.md", "equivalent.yaml")
"""Files of a suite that no score depends on."""
FOR_PEOPLE = {"title", "licence", "default", "quantisation", "sources"}
"""Fields of a model's entry that change no answer; its weights are known by their hash."""


def source(spec: dg.AssetSpec, versions: Callable[[Settings], Versions]) -> dg.AssetsDefinition:
    """An asset that is only looked at: 'Observe' in the UI asks for its version, or partition's."""

    @dg.multi_observable_source_asset(
        name=f"look_at_{spec.key.to_user_string()}",
        specs=[spec],
        partitions_def=spec.partitions_def,
    )
    def look(
        context: dg.AssetExecutionContext, bench: dg.ResourceParam[Bench]
    ) -> Iterator[dg.ObserveResult]:
        partition = context.partition_key if context.has_partition_key else None
        version = versions(bench.settings)[partition]
        yield dg.ObserveResult(asset_key=spec.key, data_version=dg.DataVersion(version))

    return look


def suites_version(settings: Settings) -> Versions:
    """One for all files of all suites that a score can depend on."""
    files = sorted(path for path in settings.datasets.glob("*/**/*") if path.is_file())
    names = {path: path.relative_to(settings.datasets) for path in files}
    version = content_id(
        {
            name.as_posix(): file_hash(path)
            for path, name in names.items()
            if not any(part in SAYS_NOTHING or part.startswith(".") for part in name.parts[1:])
        }
    )
    return {None: version}


def variant_versions(settings: Settings) -> Versions:
    """By variant of the grid: the hash that names its prompts."""
    registry = {name: variant_hash(one) for name, one in load_variants(settings.variants).items()}
    known = registry | {OWN: OWN_HASH}
    return {name: known.get(name, GONE) for name in _VARIANTS.get_partition_keys()}


def model_versions(settings: Settings) -> Versions:
    """By model of the grid: of its entry and its weights, or of its code."""
    registry = load_models(settings.models)
    return {
        name: _model_version(registry[name], settings.cache) if name in registry else GONE
        for name in _MODELS.get_partition_keys()
    }


def _model_version(spec: ModelSpec, cache: Path) -> str:
    try:
        answered_by = weights_sha256(spec, cache)
    except (WeightsError, BackendError):  # its files are elsewhere now; a run will say so
        answered_by = GONE
    entry = spec.model_dump(mode="json", exclude=FOR_PEOPLE)
    return content_id({"weights": answered_by, "entry": entry})


_VARIANTS = GRID.get_partitions_def_for_dimension("prompt_variant")
_MODELS = GRID.get_partitions_def_for_dimension("model")
suites = source(
    dg.AssetSpec(
        "suites",
        group_name=GROUP,
        owners=["team:tasks"],
        kinds={"yaml"},
        description="The folders under datasets/: tasks, gold, schemas, and how tables are made.",
    ),
    suites_version,
)
prompt_variants = source(
    dg.AssetSpec(
        "prompt_variants",
        group_name=GROUP,
        owners=["team:prompting"],
        kinds={"yaml"},
        partitions_def=_VARIANTS,
        description="The entries of the prompt variant registry: how a question is asked.",
    ),
    variant_versions,
)
models = source(
    dg.AssetSpec(
        "models",
        group_name=GROUP,
        owners=["team:harness"],
        kinds={"yaml", "llm"},
        partitions_def=_MODELS,
        description="The entries of the model registries, with their weights or their code.",
    ),
    model_versions,
)
SOURCES = {suites: suites_version, prompt_variants: variant_versions, models: model_versions}

SUITES = dg.AssetDep(suites)
PROMPT_VARIANTS = dg.AssetDep(
    prompt_variants,
    partition_mapping=dg.MultiToSingleDimensionPartitionMapping("prompt_variant"),
)
MODELS = dg.AssetDep(models, partition_mapping=dg.MultiToSingleDimensionPartitionMapping("model"))


def report_changed_sources(instance: dg.DagsterInstance, settings: Settings) -> None:
    """Tell Dagster of every source that changed since it was last looked at."""
    for change in changed_sources(instance, settings):
        instance.report_runless_asset_event(change)


def changed_sources(
    instance: dg.DagsterInstance, settings: Settings
) -> Iterator[dg.AssetObservation]:
    """An observation for each source, or partition of one, whose version is not the last known."""
    for asset, versions in SOURCES.items():
        for partition, version in versions(settings).items():
            record = instance.get_latest_data_version_record(
                asset.key, is_source=True, partition_key=partition
            )
            seen = record and record.asset_observation
            if seen is None or seen.data_version != version:
                yield dg.AssetObservation(
                    asset.key, partition=partition, tags={"dagster/data_version": version}
                )
