from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

from darkwood_bench.resources import ParquetTables, read_table

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


@pytest.mark.parametrize("kind", ["folder", "memory"])
def test_one_partition_and_a_range_are_a_file_each_and_are_read_as_dicts(
    tmp_path: Path, kind: str
) -> None:
    base = str(tmp_path) if kind == "folder" else f"memory://{tmp_path.name}"
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
