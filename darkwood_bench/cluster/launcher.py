"""Dagster's runs as Ray jobs, each with what its model needs.

`run_launcher` in deploy/ray/dagster.yaml names this class. Whoever launches a run (the UI, a
backfill, a schedule, `darkwood run --launch`), its Ray job asks for the GPUs, CPUs and memory of
its model's registry entry, and waits in Ray's queue until a node has them.
"""

from collections.abc import Mapping

from dagster import DagsterRun
from dagster_ray import RayRunLauncher
from dagster_ray.configs import USER_DEFINED_RAY_KEY

from darkwood_bench.cluster.resources import ray_resources
from darkwood_bench.harness import load_models
from darkwood_bench.settings import settings_from_env


class ModelRunLauncher(RayRunLauncher):
    """Launches a run with its model's resources; a run's own `dagster-ray/config` tag stands."""

    def _launch_ray_job(self, submission_id: str, entrypoint: str, run: DagsterRun) -> None:
        if USER_DEFINED_RAY_KEY not in run.tags and (found := _config_of(run.tags)):
            self._instance.add_run_tags(run.run_id, found)
            run = run.with_tags({**run.tags, **found})
        super()._launch_ray_job(submission_id, entrypoint, run)


def _config_of(tags: Mapping[str, str]) -> dict[str, str]:
    """The tag for a run of some partitions; none where its models' entries ask for nothing."""
    config = ray_resources(tags, load_models(settings_from_env().models))
    return {USER_DEFINED_RAY_KEY: config} if config else {}
