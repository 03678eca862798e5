"""Runs that the instance's launcher starts, wherever that is, and that somebody waits for.

The daemon takes them off the queue, starts again what a lost node took with it, and is needed for
both: `dagster-daemon run`.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg
from dagster._cli.job import _create_run  # pyright: ignore[reportPrivateUsage]
from dagster._cli.workspace.cli_target import get_workspace_from_cli_opts
from dagster._core.storage.tags import ROOT_RUN_ID_TAG, WILL_RETRY_TAG
from dagster_shared.cli import WorkspaceOpts

from darkwood_bench.assets.slices import RunConfig
from darkwood_bench.automation import BENCHMARK, run_config
from darkwood_bench.cluster.resources import kubernetes_tag
from darkwood_bench.dead_runs import end_dead_runs
from darkwood_bench.harness import ModelSpec
from darkwood_bench.launch import StageFailure
from darkwood_bench.partitions import Cell, by_model, contiguous, range_tags
from darkwood_bench.progress import Progress, Report
from darkwood_bench.settings import PROJECT

WORKSPACE = PROJECT / "workspace.yaml"
POLL_S = 2.0
TAGGED_S = 60.0
"""A failed run that has no word of being retried by then is not."""


@dataclass
class Launched:
    """A run and those that were started in its place."""

    model: str
    run_ids: list[str] = field(default_factory=list)


def launch_grid(
    instance: dg.DagsterInstance,
    models: Mapping[str, ModelSpec],
    chosen: Sequence[Cell],
    variant_order: Sequence[str],
    config: RunConfig,
    workspace_file: Path = WORKSPACE,
) -> list[Launched]:
    """Put runs on the instance's queue: one for a model's neighbouring variants."""
    found = []
    options = WorkspaceOpts(workspace=(str(workspace_file),))
    with get_workspace_from_cli_opts(
        instance, version=dg.__version__, workspace_opts=options
    ) as workspace:
        (location,) = workspace.code_locations
        (repository,) = location.get_repositories().values()
        for model, partitions in by_model(chosen).items():
            variants = [cell.variant for cell in partitions]
            for first, last in contiguous(variants, variant_order):
                run = _create_run(
                    instance=instance,
                    code_location=location,
                    remote_repo=repository,
                    remote_job=repository.get_full_job(BENCHMARK),
                    run_config=run_config(**config.model_dump()),
                    tags=range_tags(Cell(model, first), Cell(model, last))
                    | kubernetes_tag(models[model]),
                    op_selection=None,
                    run_id=None,
                )
                instance.submit_run(run.run_id, workspace)
                found.append(Launched(model, [run.run_id]))
    return found


def wait_for(
    instance: dg.DagsterInstance, launched: Sequence[Launched], report: Report
) -> Iterator[Launched]:
    """Each of them when its last run has succeeded; those started in place of others are added.

    Raises StageFailure for the first that failed for good.
    """
    waiting = list(launched)
    while waiting:
        end_dead_runs(instance)
        for each in list(waiting):
            run = _newest(instance, each)
            if run.status == dg.DagsterRunStatus.SUCCESS:
                waiting.remove(each)
                yield each
            elif run.is_finished and not _may_be_retried(instance, run):
                raise StageFailure(each.model, f"its run ended: {run.status.value}", run.run_id)
        names = ", ".join(
            f"{each.model} {_newest(instance, each).status.value.lower()}" for each in waiting
        )
        report(Progress("runs", names, len(launched) - len(waiting), len(launched), "run"))
        if waiting:
            time.sleep(POLL_S)


def _may_be_retried(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Whether a run that did not succeed is followed by another: Dagster says so in a tag, which it
    writes a moment after the run's end."""
    if run.status != dg.DagsterRunStatus.FAILURE or not instance.run_retries_enabled:
        return False
    if WILL_RETRY_TAG in run.tags:
        return run.tags[WILL_RETRY_TAG] == "true"
    record = instance.get_run_record_by_id(run.run_id)
    return record is None or record.end_time is None or time.time() - record.end_time < TAGGED_S


def _newest(instance: dg.DagsterInstance, launched: Launched) -> dg.DagsterRun:
    """The run that counts now: the last that was started in place of a lost one."""
    filters = dg.RunsFilter(tags={ROOT_RUN_ID_TAG: launched.run_ids[0]})
    for run in reversed(instance.get_runs(filters)):
        if run.run_id not in launched.run_ids:
            launched.run_ids.append(run.run_id)
    run = instance.get_run_by_id(launched.run_ids[-1])
    assert run is not None
    return run
