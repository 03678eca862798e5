"""Executions over a Ray cluster of real nodes on this machine."""

import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from darkwood_bench.journal import Journal
from darkwood_bench.sandbox import (
    ExecutionJob,
    Limits,
    ResultStore,
    SandboxError,
    SandboxUnavailable,
    execute_all,
    probe_isolation,
)
from darkwood_bench.sandbox.bubblewrap import bubblewraps

ray = pytest.importorskip("ray", reason="pip install -e '.[ray]'")

from free_port import free_port  # noqa: E402
from ray_cluster import QUIET, RayCluster, ray_cluster  # noqa: E402

from darkwood_bench.cluster.executions import RayNodes  # noqa: E402

LIMITS = Limits(wall_s=5, cpu_s=5)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RayCluster]:
    """A head that runs no code, and a node that does."""
    cache = tmp_path_factory.mktemp("cache")
    variables = {"DARKWOOD_CACHE": str(cache), "PYTHONPATH": os.pathsep.join(sys.path)}
    with ray_cluster(free_port(), variables) as cluster, pytest.MonkeyPatch.context() as patch:
        for name, value in QUIET.items():
            patch.setenv(name, value)
        cluster.start_head()
        cluster.start_node("first", slots=2)
        patch.setenv("RAY_ADDRESS", cluster.address)
        yield cluster
        ray.shutdown()


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    path = tmp_path_factory.mktemp("tables") / "orders.parquet"
    pl.DataFrame({"id": range(1000), "total": [float(n % 97) for n in range(1000)]}).write_parquet(
        path
    )
    return {"orders": path}


CODES = [
    *(f"result = orders.filter(pl.col('total') > {n}).select(pl.len())" for n in range(20)),
    "result = orders.group_by('total').len().sort('total')",
    "result = orders.select('nothing')",
    "1 / 0",
    "while True: pass",
    "print('hi')\nresult = 3",
    "import os; os.fork()\nresult = 1",
    None,
]
PLACE_AND_TIME = {"wall_s", "cpu_s", "peak_memory_bytes", "isolation_level"}


def jobs(tables: dict[str, Path], codes: list[str | None]) -> list[ExecutionJob]:
    return [
        ExecutionJob(f"g{n}", f"suite/t{n}", code, tables, "hash", f"variant {n % 3}")
        for n, code in enumerate(codes)
    ]


def executed(folder: Path, asked: list[ExecutionJob], **options: Any) -> list[dict[str, Any]]:
    return execute_all(
        asked,
        journal=Journal(folder / "executions.jsonl", key="execution_key"),
        results=ResultStore(folder / "results"),
        limits=LIMITS,
        **options,
    )


def test_the_same_rows_as_on_this_machine(
    cluster: RayCluster, tables: dict[str, Path], tmp_path: Path
) -> None:
    here = executed(tmp_path / "here", jobs(tables, CODES))
    there = executed(tmp_path / "there", jobs(tables, CODES), runner=RayNodes(batch=4))
    for one, other in zip(here, there, strict=True):
        assert {k: v for k, v in one.items() if k not in PLACE_AND_TIME} == {
            k: v for k, v in other.items() if k not in PLACE_AND_TIME
        }
    assert {row["status"] for row in there} >= {"ok", "runtime_error", "not_run"}
    assert there[23]["status"] in ("timeout", "cpu_limit")
    # What is known from here stands there, for the isolation is the same.
    assert here[0]["isolation_level"] == there[0]["isolation_level"] == probe_isolation().level
    (tmp_path / "here" / "executions.jsonl").rename(tmp_path / "moved.jsonl")
    runner = RayNodes()
    runner.run = None  # type: ignore[method-assign, assignment]
    again = execute_all(
        jobs(tables, CODES),
        journal=Journal(tmp_path / "moved.jsonl", key="execution_key"),
        results=ResultStore(tmp_path / "here" / "results"),
        limits=LIMITS,
        runner=runner,
    )
    assert again == here


def test_a_node_that_is_killed_in_the_middle_loses_no_execution(
    cluster: RayCluster, tables: dict[str, Path], tmp_path: Path
) -> None:
    cluster.start_node("doomed", slots=2)
    slow = "import time; time.sleep(0.3)\nresult = pl.DataFrame({{'n': [{}]}})"
    asked = jobs(tables, [slow.format(n) for n in range(40)])
    journal = tmp_path / "executions.jsonl"

    def kill_when_it_works() -> None:
        while not journal.exists():
            time.sleep(0.05)
        cluster.kill("doomed")

    killer = threading.Thread(target=kill_when_it_works)
    killer.start()
    rows = executed(tmp_path, asked, runner=RayNodes(batch=4))
    killer.join()
    assert [row["status"] for row in rows] == ["ok"] * 40
    results = ResultStore(tmp_path / "results")
    assert [results.get(row["result_hash"]).item() for row in rows] == list(range(40))
    assert len(journal.read_bytes().splitlines()) == 40


@pytest.mark.skipif(
    probe_isolation().level != "L3" or os.geteuid() != 0, reason="makes a weaker node with bwrap"
)
def test_a_weaker_node_is_refused_or_recorded_as_what_it_is(
    cluster: RayCluster, tables: dict[str, Path], tmp_path: Path
) -> None:
    jail = [str(bubblewraps()[0]), "--dev-bind", "/", "/", "--unshare-user", "--cap-drop", "ALL"]
    cluster.start_node("weak", slots=1, within=[*jail, "--"])
    try:
        with pytest.raises(SandboxUnavailable, match=r"^node .*isolation is L2, and L3"):
            executed(tmp_path, jobs(tables, CODES[:3]), runner=RayNodes(), min_isolation="L3")
        rows = executed(tmp_path, jobs(tables, CODES[:20]), runner=RayNodes(batch=1))
        assert {row["isolation_level"] for row in rows} == {"L2", "L3"}
    finally:
        cluster.kill("weak")


def test_a_cluster_without_slots_says_how_to_offer_them(
    cluster: RayCluster, tables: dict[str, Path], tmp_path: Path
) -> None:
    cluster.kill("first")
    end = time.monotonic() + 60
    while sum(node["Alive"] for node in ray.nodes()) > 1:
        assert time.monotonic() < end
        time.sleep(0.2)
    with pytest.raises(SandboxError, match="offers 'sandbox', so code runs nowhere; start it with"):
        executed(tmp_path, jobs(tables, CODES[:1]), runner=RayNodes())
