from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest
import s3fs
from moto.server import ThreadedMotoServer

from darkwood_bench.resources import ParquetTables
from darkwood_bench.storage import read_table

GRID = dg.MultiPartitionsDefinition(
    {
        "model": dg.StaticPartitionsDefinition(["qwen2.5-coder", "smol"]),
        "prompt_variant": dg.StaticPartitionsDefinition(["x", "y"]),
    }
)


@dg.asset
def whole() -> pl.DataFrame:
    return pl.DataFrame({"n": [1, 2]})


@dg.asset(partitions_def=GRID, backfill_policy=dg.BackfillPolicy.single_run())
def parts(context: dg.AssetExecutionContext, whole: pl.DataFrame) -> dict[str, pl.DataFrame]:
    return {key: whole.with_columns(key=pl.lit(str(key))) for key in context.partition_keys}


@dg.asset(partitions_def=GRID, backfill_policy=dg.BackfillPolicy.single_run())
def copies(parts: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    return parts


@dg.asset(ins={"copies": dg.AssetIn(metadata={"allow_missing_partitions": True})})
def joined(copies: dict[str, pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(copies.values())


def run(base: str, **launch: Any) -> None:
    result = dg.materialize(
        [whole, parts, copies, joined],
        resources={"io_manager": ParquetTables(base=base)},
        **launch,
    )
    assert result.success


@pytest.fixture(params=["folder", "memory", "s3"])
def base(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """A place for tables of each kind; S3 is a real server of its protocol, on this machine."""
    if request.param != "s3":
        yield str(tmp_path) if request.param == "folder" else f"memory://{tmp_path.name}"
        return
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
    }.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    s3fs.S3FileSystem().makedirs("bench", exist_ok=True)
    yield "s3://bench/tables"
    server.stop()


def test_one_partition_and_a_range_are_a_file_each_and_are_read_as_dicts(base: str) -> None:
    run(base, partition_key="smol|y")
    run(
        base,
        tags={
            "dagster/asset_partition_range_start": "qwen2.5-coder|x",
            "dagster/asset_partition_range_end": "qwen2.5-coder|y",
        },
    )
    keys = set(read_table(base, "joined")["key"])
    assert keys == {"smol|y", "qwen2.5-coder|x", "qwen2.5-coder|y"}
    assert read_table(base, "copies", "qwen2.5-coder", "x")["key"].unique().to_list() == [
        "qwen2.5-coder|x"
    ]
    assert read_table(base, "copies", "smol", "x") is None


def test_a_local_table_is_replaced_whole_and_leaves_no_parts(tmp_path: Path) -> None:
    run(str(tmp_path), partition_key="smol|x")
    run(str(tmp_path), partition_key="smol|x")
    assert sorted(path.name for path in (tmp_path / "parts" / "smol").iterdir()) == ["x.parquet"]
