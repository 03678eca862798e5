"""A run whose process is killed is started again by Dagster, and goes on from its journal."""

import logging
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster._daemon.auto_run_reexecution.auto_run_reexecution import (
    consume_new_runs_for_automatic_reexecution,
)
from dagster_webserver.webserver import DagsterWebserver
from starlette.testclient import TestClient

from darkwood_bench.dead_runs import end_dead_runs
from darkwood_bench.settings import PROJECT
from darkwood_bench.storage import read_table

PATIENCE_S = 400
LAUNCH = """
mutation Launch($config: RunConfigData!) {
  launchRun(executionParams: {
    selector: {
      repositoryLocationName: "darkwood_bench"
      repositoryName: "__repository__"
      jobName: "benchmark"
    }
    runConfigData: $config
    executionMetadata: {tags: [{key: "dagster/partition", value: "slow|minimal"}]}
  }) { __typename ... on PythonError { message } }
}
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkspaceProcessContext]:
    """The project's own settings of retries, without the daemon's queue."""
    config = yaml.safe_load((PROJECT / "dagster_home" / "dagster.yaml").read_text())
    home = {name: config[name] for name in ("telemetry", "run_retries")}
    home["concurrency"] = {"pools": config["concurrency"]["pools"]}
    home["run_coordinator"] = {
        "module": "dagster._core.run_coordinator",
        "class": "DefaultRunCoordinator",
    }
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump(home))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    target = WorkspaceFileTarget(paths=[str(PROJECT / "workspace.yaml")])
    with (
        dg.DagsterInstance.get() as instance,
        WorkspaceProcessContext(instance, target) as context,
    ):
        yield context


def wait_for(what: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE_S
    while not (found := what()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


def test_a_killed_run_is_started_again_and_asks_for_no_answer_twice(
    workspace: WorkspaceProcessContext, tmp_path: Path
) -> None:
    instance = workspace.instance
    client = TestClient(DagsterWebserver(workspace).create_asgi_app())
    config = {"resources": {"asking": {"config": {"quick": False, "regenerate": True}}}}
    reply = client.post("/graphql", json={"query": LAUNCH, "variables": {"config": config}}).json()
    assert reply["data"]["launchRun"]["__typename"] == "LaunchRunSuccess", reply
    journal = tmp_path / "darkwood" / "journal" / "slow.jsonl"

    def answered() -> int:
        return len(journal.read_text().splitlines()) if journal.exists() else 0

    wait_for(lambda: answered() >= 2)
    (run,) = instance.get_runs()
    started = [
        record.event_log_entry.dagster_event
        for record in instance.get_records_for_run(run.run_id).records
    ]
    pids = {event.pid for event in started if event is not None and event.step_key}
    (pid,) = pids - {None}
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    kept = answered()
    wait_for(lambda: end_dead_runs(instance))

    # What the daemon does with a run that failed.
    records = instance.get_run_records()
    list(
        consume_new_runs_for_automatic_reexecution(workspace, records, logging.getLogger("retries"))
    )
    (again,) = (one for one in instance.get_runs() if one.run_id != run.run_id)
    assert again.root_run_id == run.run_id

    def finished() -> dg.DagsterRun | None:
        now = instance.get_run_by_id(again.run_id)
        return now if now is not None and now.is_finished else None

    assert wait_for(finished).status == dg.DagsterRunStatus.SUCCESS
    runs = read_table(str(tmp_path / "darkwood" / "tables"), "runs", "slow", "minimal")
    assert runs["n_generations"].item() > runs["n_reused"].item() >= kept
