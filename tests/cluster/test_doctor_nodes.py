"""`darkwood doctor --cluster` over real nodes: one fault at a time, each a line of its own and exit
code 1; without any, 0."""

import json
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import typer

from darkwood_bench.commands import doctor, doctor_cluster
from darkwood_bench.commands.findings import Finding
from darkwood_bench.sandbox import probe_isolation
from darkwood_bench.sandbox.bubblewrap import bubblewraps
from darkwood_bench.settings import Settings

ray = pytest.importorskip("ray", reason="pip install -e '.[ray]'")
pytest.importorskip("dagster_ray", reason="pip install -e '.[ray]'")
s3fs = pytest.importorskip("s3fs", reason="pip install -e '.[s3]'")

from free_port import free_port  # noqa: E402
from ray_cluster import QUIET, RayCluster, ray_cluster  # noqa: E402
from s3_server import s3_server  # noqa: E402

REGISTRY = """
models:
  scripted: {title: t, backend: scripted, file: a, default: true, sources: [{local: answers.yaml}]}
"""
AWAY = (
    "storage: {postgres: {postgres_db: {scheme: postgresql+psycopg2, username: me, "
    "password: secret, hostname: 127.0.0.1, port: 1, db_name: none}}}"
)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("registry")
    (folder / "answers.yaml").write_text("{}")
    (folder / "models.yaml").write_text(REGISTRY)
    return folder / "models.yaml"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, registry: Path) -> Iterator[RayCluster]:
    """A head, and a node that generates and runs code."""
    variables = {
        "DARKWOOD_CACHE": str(tmp_path_factory.mktemp("cache")),
        "DARKWOOD_MODELS": str(registry),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    with ray_cluster(free_port(), variables) as cluster, pytest.MonkeyPatch.context() as patch:
        for name, value in QUIET.items():
            patch.setenv(name, value)
        cluster.start_head()
        cluster.start_node("sound")
        patch.setenv("RAY_ADDRESS", cluster.address)
        yield cluster
        ray.shutdown()


@pytest.fixture
def whole(
    cluster: RayCluster, settings: Settings, registry: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """Settings with which nothing is amiss; what Dagster's instance is made of is not looked at."""
    monkeypatch.setattr(doctor_cluster, "_instance", lambda _: iter([Finding("database", "up")]))
    with s3_server("bench"):
        stores = {"tables": "s3://bench/tables", "shared": "s3://bench/store"}
        yield replace(settings, models=registry, **stores)


def told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, list[Finding]]:
    """The exit code, and the findings that stop a run."""
    monkeypatch.setattr(doctor, "settings_from_env", lambda: settings)
    capsys.readouterr()
    try:
        doctor.doctor(cluster=True, as_json=True)
        code = 0
    except typer.Exit as ended:
        code = ended.exit_code
    text = capsys.readouterr().out
    # Ray may say before that a node of another test is gone.
    found = [Finding(**finding) for finding in json.loads(text[text.index("[\n") :])]
    return code, [finding for finding in found if finding.stops_the_run]


@contextmanager
def another_node(
    cluster: RayCluster, *, within: list[str] | None = None, **variables: str
) -> Iterator[None]:
    cluster.start_node("odd", within=within or (), variables=variables)
    try:
        yield
    finally:
        cluster.kill("odd")
        end = time.monotonic() + 60
        while sum(node["Alive"] for node in ray.nodes()) > 2:  # or the next test is told of it
            assert time.monotonic() < end
            time.sleep(0.2)


def test_a_whole_cluster_has_nothing_that_stops_a_run(
    whole: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(whole, monkeypatch, capsys) == (0, [])


def test_a_database_that_is_down(
    cluster: RayCluster,
    settings: Settings,
    registry: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("dagster_postgres", reason="pip install -e '.[postgres]'")
    (settings.dagster_home / "dagster.yaml").write_text(AWAY)
    with s3_server("bench"):
        stores = {"tables": "s3://bench/tables", "shared": "s3://bench/store"}
        there = replace(settings, models=registry, **stores)
        code, (finding,) = told(there, monkeypatch, capsys)
    assert (code, finding.what) == (1, "database")
    assert "Connection refused" in finding.found
    assert "\n" not in finding.found
    assert finding.fix.startswith("start PostgreSQL and set DAGSTER_PG_*")


def test_a_bucket_that_is_not_there(
    whole: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    there = replace(whole, shared="s3://missing/store")
    code, (finding,) = told(there, monkeypatch, capsys)
    assert (code, finding.what) == (1, "store")
    assert finding.found.startswith("s3://missing/store: ")
    assert "bucket does not exist" in finding.found
    assert finding.fix.startswith("make the bucket")


class Refusing(BaseHTTPRequestHandler):
    """An object store whose keys are others than ours."""

    protocol_version = "HTTP/1.1"  # a body comes only when it is told to continue

    def do_any(self) -> None:
        body = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = do_any

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def test_a_bucket_that_refuses(
    whole: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    s3fs.S3FileSystem.clear_instance_cache()
    try:
        code, found = told(whole, monkeypatch, capsys)
    finally:
        server.shutdown()
        server.server_close()
    assert (code, [finding.what for finding in found]) == (1, ["tables", "store"])
    assert all("PermissionError: Access Denied" in finding.found for finding in found)
    assert all("AWS_SECRET_ACCESS_KEY" in finding.fix for finding in found)


def test_a_node_with_other_versions(
    whole: Settings,
    cluster: RayCluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    other = tmp_path / "polars-0.0.1.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: polars\nVersion: 0.0.1\n")
    path = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    with another_node(cluster, PYTHONPATH=path):
        code, (finding,) = told(whole, monkeypatch, capsys)
    assert (code, finding.what) == (1, "versions")
    assert re.fullmatch(r"node \S+ \(\w{8}\): polars 0\.0\.1, here \d\S+", finding.found)
    assert "pip install -c constraints.txt" in finding.fix


def test_a_node_that_no_weights_can_reach(
    whole: Settings,
    cluster: RayCluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "models.yaml").write_text(REGISTRY)  # no answers.yaml beside it
    with another_node(cluster, DARKWOOD_MODELS=str(tmp_path / "models.yaml")):
        code, (finding,) = told(whole, monkeypatch, capsys)
    assert (code, finding.what) == (1, "weights")
    assert finding.found.endswith("no source answers for scripted")
    assert "DARKWOOD_WEIGHTS" in finding.fix


@pytest.mark.skipif(
    probe_isolation().level != "L3" or os.geteuid() != 0, reason="makes a weaker node with bwrap"
)
def test_a_node_below_the_isolation_that_is_asked_for(
    whole: Settings,
    cluster: RayCluster,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    jail = [str(bubblewraps()[0]), "--dev-bind", "/", "/", "--unshare-user", "--cap-drop", "ALL"]
    with another_node(cluster, within=[*jail, "--"]):
        code, (finding,) = told(replace(whole, min_isolation="L3"), monkeypatch, capsys)
    assert (code, finding.what) == (1, "isolation")
    assert finding.found.endswith(": L2")
    assert "L3 is asked for" in finding.fix
