"""Runs beside one another: the dead are put away, the living are waited for."""

import subprocess
import sys
import time
from pathlib import Path

import dagster as dg
import pytest

from darkwood_bench.dead_runs import end_dead_runs
from darkwood_bench.launch import open_instance, wait_for_pool
from darkwood_bench.progress import Progress
from darkwood_bench.resources import Bench

PATIENCE_S = 60
HOLDER = """
import sys, time
import dagster as dg

@dg.op(pool="gpu")
def hold():
    print("holding", flush=True)
    time.sleep(float(sys.argv[2]))

@dg.job
def holder():
    hold()

with dg.DagsterInstance.from_config(sys.argv[1]) as instance:
    holder.execute_in_process(instance=instance)
"""


def start_holder(home: Path, seconds: float) -> subprocess.Popen[str]:
    """Another process whose run is inside the pool when this returns."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(home), str(seconds)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "holding\n"
    return process


def statuses(instance: dg.DagsterInstance) -> list[dg.DagsterRunStatus]:
    return [run.status for run in instance.get_runs()]


def test_a_live_run_is_spared_and_a_killed_one_is_ended(bench: Bench) -> None:
    with open_instance(bench) as instance:
        process = start_holder(bench.settings.dagster_home, PATIENCE_S)
        assert end_dead_runs(instance) == []
        assert statuses(instance) == [dg.DagsterRunStatus.STARTED]
        process.kill()
        process.wait()
        assert len(end_dead_runs(instance)) == 1
        assert statuses(instance) == [dg.DagsterRunStatus.FAILURE]
        assert not instance.event_log_storage.get_concurrency_info("gpu").claimed_slots


def test_a_run_waits_for_the_one_in_the_pool_and_says_so(bench: Bench) -> None:
    said: list[Progress] = []
    with open_instance(bench) as instance:
        process = start_holder(bench.settings.dagster_home, 2.0)
        started = time.monotonic()
        wait_for_pool(instance, Bench(bench.settings, said.append))
        assert time.monotonic() - started < PATIENCE_S
        process.wait(timeout=PATIENCE_S)
        assert statuses(instance) == [dg.DagsterRunStatus.SUCCESS]
    assert said
    assert "is measuring" in said[0].subject


def test_a_killed_run_is_not_waited_for(bench: Bench) -> None:
    with open_instance(bench) as instance:
        process = start_holder(bench.settings.dagster_home, PATIENCE_S)
        process.kill()
        process.wait()
        wait_for_pool(instance, bench)
        assert statuses(instance) == [dg.DagsterRunStatus.FAILURE]


def test_a_home_without_settings_is_given_the_projects(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = bench.settings.dagster_home / "dagster.yaml"
    config.unlink()
    with open_instance(bench) as instance:
        assert "default_limit: 1" in config.read_text()
        assert not instance.telemetry_enabled
