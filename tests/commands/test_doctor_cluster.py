"""`darkwood doctor --cluster` where a part is missing; the whole is seen in tests/cluster."""

from dataclasses import replace
from pathlib import Path

import pytest
from s3_server import s3_server

from darkwood_bench.commands import doctor_cluster
from darkwood_bench.commands.findings import Finding
from darkwood_bench.settings import Settings


@pytest.fixture(autouse=True)
def without_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nodes are looked at where there are some."""
    monkeypatch.setattr(doctor_cluster, "find_spec", lambda _: None)


def findings(settings: Settings) -> dict[str, Finding]:
    return {finding.what: finding for finding in doctor_cluster.examine_cluster(settings)}


def test_one_machine_is_no_cluster_and_every_part_says_what_makes_it_one(
    settings: Settings, tmp_path: Path
) -> None:
    found = findings(replace(settings, tables=str(tmp_path)))
    assert found["tables"].fix.startswith("set DARKWOOD_TABLES to a URL")
    assert found["store"].stops_the_run
    assert "SQLite" in found["database"].found
    assert found["database"].stops_the_run
    assert "runs stay on this machine" in found["launcher"].found
    assert found["nodes"].fix.startswith("pip install -e '.[ray]'")


def test_a_store_is_tried_and_leaves_nothing_behind(settings: Settings) -> None:
    import s3fs

    with s3_server("bench"):
        there = replace(settings, tables="s3://bench/tables", shared="s3://missing/store")
        found = findings(there)
        assert found["tables"].found.startswith("s3://bench/tables: written, read, deleted")
        assert not found["tables"].fix
        assert found["store"].stops_the_run
        assert found["store"].found.startswith("s3://missing/store: ")
        assert s3fs.S3FileSystem().find("bench") == []


def test_a_database_that_is_away_is_named(settings: Settings, tmp_path: Path) -> None:
    pytest.importorskip("dagster_postgres", reason="pip install -e '.[postgres]'")
    (settings.dagster_home / "dagster.yaml").write_text(
        "storage: {postgres: {postgres_db: {scheme: postgresql+psycopg2, username: me, "
        "password: secret, hostname: 127.0.0.1, port: 1, db_name: none}}}"
    )
    found = findings(settings)["database"]
    assert found.stops_the_run
    assert "PostgreSQL" in found.fix
    assert "secret" not in found.found
