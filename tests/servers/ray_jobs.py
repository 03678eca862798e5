"""What Ray was asked for the jobs that it has, by its own state."""

from typing import Any

from ray.util.state import list_actors


def resources_of_jobs(address: str) -> dict[str, dict[str, float]]:
    """Of each job, by its submission id: what the actor that starts it holds, or waits for.

    `address`: of the dashboard. Jobs that are over are among them.
    """
    actors: list[Any] = list_actors(address=address, detail=True)
    return {
        actor.name.removeprefix("_ray_internal_job_actor_"): actor.required_resources or {}
        for actor in actors
        if actor.class_name == "JobSupervisor"
    }
