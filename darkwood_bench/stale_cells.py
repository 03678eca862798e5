"""Partitions whose inputs changed since they were scored, and the runs that refresh just those."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import dagster as dg
from dagster._core.definitions.assets.graph.base_asset_graph import BaseAssetGraph
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
from dagster._core.loader import LoadingContext

from darkwood_bench.assets.sources import SOURCES, changed_sources, report_changed_sources
from darkwood_bench.automation import BENCHMARK
from darkwood_bench.identity import content_id
from darkwood_bench.partitions import GRID, Cell, by_model, cell_of, contiguous, range_tags
from darkwood_bench.settings import settings_from_env
from darkwood_bench.tables import SCORES

SCORED = dg.AssetKey(SCORES.name)
LOOKED_AT = (SCORED, dg.AssetKey("generations"))
"""Scores depend on every other stage and on the sources; generations have a revision of their own
as well."""
KEPT_FROM_RUN = ("suites", "quick", "limit", "mode", "repeats", "max_ram", "max_vram")
KEPT_FROM_RUN += ("max_seconds", "temperature", "seed")
"""What a refresh takes over from the run that it stands in for."""
UNFINISHED = (
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
)


class _Loading(LoadingContext):
    """What Dagster's resolver of staleness keeps its look-ups in."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self._instance = instance
        self._loaders: dict[type, Any] = {}

    @property
    def instance(self) -> dg.DagsterInstance:
        return self._instance

    @property
    def loaders(self) -> dict[type, Any]:
        return self._loaders


def stale_cells(instance: dg.DagsterInstance, graph: BaseAssetGraph) -> dict[Cell, list[str]]:
    """Scored partitions that Dagster holds for stale, each with why; one never scored is missing.

    What it takes grows with the scored partitions: a few look-ups each.
    """
    resolver = CachingStaleStatusResolver(instance, graph, _Loading(instance))
    found: dict[Cell, list[str]] = {}
    scored = instance.get_materialized_partitions(SCORED)
    for key in (key for key in GRID.get_partition_keys() if key in scored):
        causes = [
            f"{cause.key.asset_key.to_user_string()} {cause.reason}"
            for asset in LOOKED_AT
            if resolver.get_status(asset, key) == StaleStatus.STALE
            for cause in resolver.get_stale_root_causes(asset, key)
        ]
        if causes:
            found[cell_of(key)] = sorted(set(causes))
    return found


def refreshing_runs(
    instance: dg.DagsterInstance, stale: Iterable[Cell], order: Sequence[str]
) -> Iterator[dg.RunRequest]:
    """A run for each model's neighbouring stale variants that were last asked in the same way.

    `order` is the variants' order in the grid. A run that fails is not asked for again until a
    source changes.
    """
    sources = [_newest(instance, source.key, is_source=True) for source in SOURCES]
    for model, cells in by_model(stale).items():
        alike: dict[str, list[Cell]] = {}
        for cell in cells:
            alike.setdefault(json.dumps(_last_asked(instance, cell), sort_keys=True), []).append(
                cell
            )
        for config, of_config in alike.items():
            for first, last in contiguous([cell.variant for cell in of_config], order):
                tags = range_tags(Cell(model, first), Cell(model, last))
                scored = [_newest(instance, SCORED, str(cell)) for cell in of_config]
                yield dg.RunRequest(
                    run_key=content_id([tags, sources, scored]),
                    tags=tags,
                    run_config={"resources": {"asking": {"config": json.loads(config)}}},
                )


def _last_asked(instance: dg.DagsterInstance, cell: Cell) -> dict[str, Any]:
    """How the run was configured that last scored a partition; empty where nothing was said."""
    record = instance.get_latest_data_version_record(SCORED, False, str(cell))
    run = record and instance.get_run_by_id(record.run_id)
    resources: Any = run.run_config.get("resources", {}) if run else {}
    said = resources.get("asking", {}).get("config", {})
    return {name: said[name] for name in KEPT_FROM_RUN if name in said}


def _newest(
    instance: dg.DagsterInstance, key: dg.AssetKey, partition: str | None = None, **kind: bool
) -> int | None:
    """Which event is an asset's, or a partition's, newest."""
    record = instance.get_latest_data_version_record(key, partition_key=partition, **kind)
    return record and record.storage_id


@dg.sensor(
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Looks whether a suite, a prompt variant or a model changed, so that partitions "
    "made from it show as stale.",
)
def watch_sources(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Ask for nothing; tell Dagster what changed."""
    changed = list(changed_sources(context.instance, settings_from_env()))
    said = ", ".join(f"{one.asset_key.to_user_string()} {one.partition or ''}" for one in changed)
    return dg.SensorResult(asset_events=changed, skip_reason=f"changed: {said or 'nothing'}")


@dg.sensor(
    job_name=BENCHMARK,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="Runs stale partitions again, each as it was last asked, and no others. Off until "
    "switched on.",
)
def refresh(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """The runs that make what is stale fresh, once no other run is under way."""
    instance = context.instance
    if instance.get_runs(dg.RunsFilter(job_name=BENCHMARK, statuses=list(UNFINISHED)), limit=1):
        yield dg.SkipReason("a run is under way; what is stale is looked for when it is over")
        return
    report_changed_sources(instance, settings_from_env())
    assert context.repository_def is not None
    stale = stale_cells(instance, context.repository_def.asset_graph)
    if not stale:
        yield dg.SkipReason("no partition is stale")
        return
    for cell, causes in stale.items():
        context.log.info(f"{cell}: {'; '.join(causes)}")
    variants = GRID.get_partitions_def_for_dimension("prompt_variant").get_partition_keys()
    yield from refreshing_runs(instance, stale, variants)
