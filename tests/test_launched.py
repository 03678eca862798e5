"""Waiting for runs that a launcher started elsewhere; the whole is seen in tests/cluster."""

from typing import Any
from uuid import uuid4

import dagster as dg
import pytest
from dagster._core.launcher import CheckRunHealthResult, RunLauncher, WorkerStatus

from darkwood_bench import launched
from darkwood_bench.dead_runs import end_dead_runs
from darkwood_bench.launch import StageFailure
from darkwood_bench.launched import Launched, wait_for
from darkwood_bench.progress import Progress, silent

STARTING, SUCCESS, FAILURE = (
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.SUCCESS,
    dg.DagsterRunStatus.FAILURE,
)


@pytest.fixture
def instance(monkeypatch: pytest.MonkeyPatch) -> dg.DagsterInstance:
    monkeypatch.setattr(launched, "POLL_S", 0.01)
    monkeypatch.setattr(dg.DagsterInstance, "run_retries_enabled", True)
    return dg.DagsterInstance.ephemeral()


def added(instance: dg.DagsterInstance, status: dg.DagsterRunStatus, **tags: str) -> str:
    names = {f"dagster/{name}": value for name, value in tags.items()}
    run = dg.DagsterRun("benchmark", run_id=str(uuid4()), status=status, tags=names)
    return instance.add_run(run).run_id


def test_a_run_that_was_started_again_counts_as_its_last_one(
    instance: dg.DagsterInstance,
) -> None:
    lost = added(instance, FAILURE, will_retry="true")
    reports: list[Progress] = []

    def report(progress: Progress) -> None:
        if not reports:  # the daemon gets to it while we wait
            added(instance, SUCCESS, root_run_id=lost, parent_run_id=lost)
        reports.append(progress)

    (done,) = wait_for(instance, [Launched("one", [lost])], report)
    assert (done.model, len(done.run_ids)) == ("one", 2)
    assert "one failure" in reports[0].subject


def test_a_run_that_failed_for_good_is_named(instance: dg.DagsterInstance) -> None:
    good, bad = added(instance, SUCCESS), added(instance, FAILURE, will_retry="false")
    waiting = wait_for(instance, [Launched("one", [good]), Launched("two", [bad])], silent)
    assert next(waiting).model == "one"
    with pytest.raises(StageFailure, match="two: its run ended: FAILURE") as raised:
        next(waiting)
    assert raised.value.run_id == bad


def test_a_failed_run_is_given_the_moment_until_dagster_says_whether_it_retries(
    instance: dg.DagsterInstance,
) -> None:
    lost = added(instance, FAILURE)
    reports: list[Progress] = []

    def report(progress: Progress) -> None:
        reports.append(progress)
        if len(reports) == 2:
            instance.add_run_tags(lost, {"dagster/will_retry": "true"})
        if len(reports) == 3:
            added(instance, SUCCESS, root_run_id=lost, parent_run_id=lost)

    (done,) = wait_for(instance, [Launched("one", [lost])], report)
    assert len(done.run_ids) == 2


class Jobs(RunLauncher):
    """A launcher whose jobs are as they are told to be."""

    def __init__(self, status: WorkerStatus) -> None:
        super().__init__()
        self.status = status

    @property
    def supports_check_run_worker_health(self) -> bool:
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        return CheckRunHealthResult(self.status, "dagster: not found")

    def launch_run(self, context: Any) -> None:
        raise NotImplementedError

    def terminate(self, run_id: str) -> bool:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("job", "ends"), [(WorkerStatus.FAILED, True), (WorkerStatus.RUNNING, False)]
)
def test_a_run_whose_job_ended_before_it_began_is_over_and_one_that_waits_is_not(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch, job: WorkerStatus, ends: bool
) -> None:
    monkeypatch.setattr(type(instance), "run_launcher", Jobs(job))
    run = added(instance, STARTING)
    assert end_dead_runs(instance) == ([run] if ends else [])
    found = instance.get_run_by_id(run)
    assert found is not None
    assert found.status == (FAILURE if ends else STARTING)
