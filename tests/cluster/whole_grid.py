"""A grid over a cluster, and a node that dies in the middle: `make test-cluster`.

All of it is real and on this machine: PostgreSQL, an S3 server, two Ray nodes beside the head,
Dagster's daemon, and SmolLM2 under two registry entries. The same grid runs on one machine first.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import s3fs
import yaml
from free_port import free_port
from postgres_server import postgres_server
from ray_cluster import QUIET, RayCluster, ray_cluster
from ray_jobs import resources_of_jobs
from s3_server import s3_server
from upath import UPath

from darkwood_bench.harness import WeightsSpec, ensure_weights, load_models
from darkwood_bench.journal_archive import archived_rows
from darkwood_bench.settings import PACKAGE, PROJECT, settings_from_env
from darkwood_bench.storage import read_table

MODELS = ("one", "two")
ASKED = {"one": {"cpus": 1, "memory": "1GB"}, "two": {"cpus": 1, "memory": "1.5GB"}}
VARIANTS = ("minimal", "schema", "few_shot")
TASKS = 3
MINUTES = 60
WORKSPACE = str(PROJECT / "workspace.yaml")


@dataclass
class Place:
    """The cluster, and the environment of whoever launches runs on it."""

    cluster: RayCluster
    variables: dict[str, str]
    jobs: str
    folder: Path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("grid")


@pytest.fixture(scope="module")
def bank(folder: Path) -> dict[str, str]:
    """One real suite, for a node builds the data of every one that it finds."""
    shutil.copytree(PROJECT / "datasets" / "cards", folder / "datasets" / "cards")
    return {"DARKWOOD_DATASETS": str(folder / "datasets")}


@pytest.fixture(scope="module")
def registry(folder: Path) -> Path:
    """Two entries over the same weights: another context is another model."""
    spec = load_models(PACKAGE / "harness" / "models.yaml")["smollm2-135m"]
    assert isinstance(spec, WeightsSpec)
    weights = ensure_weights(spec, settings_from_env().cache)
    entry = {
        "title": "SmolLM2 135M Instruct",
        "backend": "llamacpp",
        "sha256": weights.sha256,
        "sources": [{"local": str(weights.path)}],
        "file": spec.file,
    }
    models = {
        "one": {**entry, "context": 4096, "resources": ASKED["one"], "default": True},
        "two": {**entry, "context": 6144, "resources": ASKED["two"]},
    }
    path = folder / "models.yaml"
    path.write_text(yaml.safe_dump({"models": models}))
    return path


def grid() -> list[str]:
    chosen = [f"--model={model}" for model in MODELS]
    chosen += [f"--variant={variant}" for variant in VARIANTS]
    return ["run", *chosen, "--suite=cards", f"--limit={TASKS}"]


def darkwood(arguments: list[str], variables: dict[str, str], log: Path) -> "subprocess.Popen[Any]":
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "darkwood_bench", *arguments],
        env={**os.environ, **variables},
        stdout=log.open("wb"),
        stderr=subprocess.STDOUT,
        cwd=PROJECT,
    )


@pytest.fixture(scope="module")
def on_one_machine(folder: Path, registry: Path, bank: dict[str, str]) -> str:
    """Where the tables of the same grid are, run here."""
    home = folder / "alone"
    log = folder / "alone.log"
    variables = {**bank, "DAGSTER_HOME": str(home), "DARKWOOD_MODELS": str(registry)}
    assert darkwood(grid(), variables, log).wait() == 0, log.read_text()
    return str(home / "darkwood" / "tables")


@pytest.fixture(scope="module")
def place(folder: Path, registry: Path, bank: dict[str, str]) -> Iterator[Place]:
    """Everything that deploy/ray/dagster.yaml wants, and that file as it is."""
    with ExitStack() as stack:
        variables = {
            **stack.enter_context(postgres_server()),
            **stack.enter_context(s3_server("bench")),
            **QUIET,
            **bank,
            "DARKWOOD_TABLES": "s3://bench/tables",
            "DARKWOOD_SHARED": "s3://bench/store",
            "DARKWOOD_EXECUTIONS": "ray",
            "DARKWOOD_MODELS": str(registry),
            "PYTHONPATH": str(PROJECT),
            # Where an activated environment has its programs: a run's command is `dagster`.
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        port, dashboard = free_port(), free_port()
        cluster = stack.enter_context(ray_cluster(port, variables))
        cluster.start_head(dashboard=dashboard)
        for name in ("first", "second"):
            own = folder / name
            own.mkdir()
            here = {"DAGSTER_HOME": str(own / "home"), "DARKWOOD_CACHE": str(own / "cache")}
            cluster.start_node(name, variables=here)
        jobs = f"http://127.0.0.1:{dashboard}"
        home = folder / "launching"
        home.mkdir()
        (home / "dagster.yaml").write_text((PROJECT / "deploy/ray/dagster.yaml").read_text())
        variables |= {"RAY_JOBS": jobs, "RAY_ADDRESS": cluster.address, "DAGSTER_HOME": str(home)}
        dagster = [sys.executable, "-W", "ignore", "-m", "dagster"]
        room = [*dagster, "instance", "concurrency", "set", "gpu", "256"]
        subprocess.run(room, env={**os.environ, **variables}, check=True)
        daemon = subprocess.Popen(
            [
                sys.executable,
                "-W",
                "ignore",
                "-m",
                "dagster._daemon",
                "run",
                "-w",
                "workspace.yaml",
            ],
            env={**os.environ, **variables},
            stdout=(folder / "daemon.log").open("wb"),
            stderr=subprocess.STDOUT,
            cwd=PROJECT,
        )
        try:
            yield Place(cluster, variables, jobs, folder)
        finally:
            daemon.terminate()
            daemon.wait(60)


def test_a_node_dies_and_the_grid_ends_as_on_one_machine(on_one_machine: str, place: Place) -> None:
    log = place.folder / "launched.log"
    began = time.monotonic()
    launched = darkwood([*grid(), "--launch"], place.variables, log)
    try:
        lost = kill_a_node_at_work(place, launched, log)
        assert launched.wait(30 * MINUTES) == 0, log.read_text()
    finally:
        launched.kill()
    assert "started again 1 time" in log.read_text(), log.read_text()
    print(f"\n{log.read_text()}\nended {time.monotonic() - began:.0f} s after its launch")

    found = scores(place.variables["DARKWOOD_TABLES"])
    scores_here = scores(on_one_machine)
    assert found.keys() == scores_here.keys()
    for cell, score in found.items():
        alone = scores_here[cell]
        # N may be 0 for so small a model: every answer's verdict and class must be the same, too.
        assert verdicts(place.variables["DARKWOOD_TABLES"], cell) == verdicts(on_one_machine, cell)
        assert (score["N"], score["n_tasks"]) == (alone["N"], alone["n_tasks"]), cell
        generations = read_table(place.variables["DARKWOOD_TABLES"], "generations", *cell)
        assert score["T"] == pytest.approx(generations["wall_s"].sum()), cell
        print(cell, f"N {score['N']}", f"T {score['T']:.2f} s; alone {alone['T']:.2f} s")

    # Ray held free for every run, those that were lost among them, what its model's entry says.
    asked = [(one["CPU"], one["memory"]) for one in resources_of_jobs(place.jobs).values()]
    assert set(asked) == {(1.0, 1.0e9), (1.0, 1.5e9)}, asked
    assert len(asked) == len(MODELS) + 1  # one of them was started again

    # What the lost node had uploaded was not asked again.
    for model in MODELS:
        times = Counter(sessions_rows(place.variables["DARKWOOD_SHARED"], model))
        assert set(times.values()) == {1}, times
        assert len(times) == len(VARIANTS) * TASKS
    rerun = [
        read_table(place.variables["DARKWOOD_TABLES"], "runs", lost.model, variant)
        for variant in VARIANTS
    ]
    assert sum(int(run["n_reused"].item()) for run in rerun) >= lost.rows > 0


def test_doctor_finds_the_cluster_whole(place: Place) -> None:
    log = place.folder / "doctor.log"
    code = darkwood(["doctor", "--cluster", "--json"], place.variables, log).wait()
    text = log.read_text()
    assert code == 0, text
    findings = json.loads(text[text.index("[") :])
    found = {finding["what"]: finding["found"] for finding in findings}
    assert {"store", "database", "versions", "isolation", "weights"} <= found.keys()


def verdicts(tables: str, cell: tuple[str, str]) -> dict[str, tuple[bool, str | None]]:
    """Of each task: whether its answer is right, and what is wrong with it."""
    rows = read_table(tables, "validations", *cell).iter_rows(named=True)
    return {row["task_id"]: (row["correct"], row["failure_class"]) for row in rows}


@dataclass(frozen=True)
class Lost:
    model: str
    rows: int
    """Of its journal, uploaded before its node was killed."""


def kill_a_node_at_work(place: Place, launched: "subprocess.Popen[Any]", log: Path) -> Lost:
    """Kill the node on which the first model is in the middle of its answers."""
    end = time.monotonic() + 20 * MINUTES
    while True:
        assert launched.poll() is None, log.read_text()
        assert time.monotonic() < end, "no answer came"
        for model in MODELS:
            rows = list(sessions_rows(place.variables["DARKWOOD_SHARED"], model))
            if 2 <= len(rows) < TASKS * len(VARIANTS) and (node := node_of(place, model)):
                place.cluster.kill(node)
                # Nothing is uploaded any more: what is there now is what the node left.
                return Lost(model, len(list(sessions_rows("s3://bench/store", model))))
        time.sleep(0.5)


def node_of(place: Place, model: str) -> str | None:
    """The node whose own folder has a journal of this model's that is being written."""
    for name in ("first", "second"):
        sessions = place.folder / name / "home" / "darkwood" / "journal" / f"{model}.sessions"
        if any(sessions.glob("*.jsonl")):
            return name
    return None


def sessions_rows(shared: str, model: str) -> Iterator[str]:
    """Ids of the rows in each session's objects, so that what two sessions made comes twice."""
    s3fs.S3FileSystem().invalidate_cache()
    path = UPath(shared) / "journal" / model
    for each in path.iterdir() if path.exists() else ():
        data = each.read_bytes()
        if each.suffix == ".parquet":
            yield from (row["generation_id"] for row in archived_rows(data))
        else:
            yield from (json.loads(line)["generation_id"] for line in data.splitlines())


def scores(tables: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Each cell's score over all categories."""
    found = {}
    for model in MODELS:
        for variant in VARIANTS:
            frame = read_table(tables, "scores", model, variant)
            found[model, variant] = frame.filter(pl.col("category") == "all").row(0, named=True)
    return found
