"""Hashes of contents: equal for equal values, whatever wrote them, and for nothing else."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from darkwood_bench.settings import PROJECT
from darkwood_bench.tasks import build_database, database_hash, dataset_hash, load_suites

FRAME = pl.DataFrame(
    {
        "whole": [1, None, 3],
        "real": [0.5, float("nan"), None],
        "text": ["", None, "é"],
        "flag": [True, False, None],
        "day": [dt.date(2024, 2, 29), None, dt.date(1970, 1, 1)],
        "moment": [dt.datetime(2024, 2, 29, 12), None, dt.datetime(1969, 1, 1)],
        "money": [Decimal("1.10"), None, Decimal("-2.00")],
        "names": [["a", None], [], None],
        "pair": [{"x": 1, "y": "a"}, {"x": None, "y": "b"}, None],
        "raw": [b"", None, b"\x00\xff"],
        "kind": pl.Series(["a", None, "b"], dtype=pl.Categorical),
        "three": pl.Series([[1, 2], None, [3, 4]], dtype=pl.Array(pl.Int64, 2)),
        "nothing": [None, None, None],
    }
)


def hash_of(folder: Path, frame: pl.DataFrame, **options: Any) -> str:
    path = folder / "table.parquet"
    frame.write_parquet(path, **options)
    return database_hash({"table": path})


def test_the_encoding_does_not_matter(tmp_path: Path) -> None:
    plain = hash_of(tmp_path, FRAME, compression="uncompressed")
    assert plain == hash_of(tmp_path, FRAME, compression="zstd", row_group_size=1)
    assert plain == hash_of(tmp_path, pl.concat([FRAME[:1], FRAME[1:]], rechunk=False))
    path = tmp_path / "arrow.parquet"
    pq.write_table(FRAME.drop("kind").to_arrow(), path, compression="gzip", use_dictionary=False)
    assert database_hash({"table": path}) == hash_of(tmp_path, FRAME.drop("kind"))


@pytest.mark.parametrize(
    "changed",
    [
        FRAME.reverse(),
        FRAME.head(2),
        FRAME.rename({"whole": "Whole"}),
        FRAME.select(reversed(FRAME.columns)),
        FRAME.with_columns(pl.col("whole").cast(pl.Int32)),
        FRAME.with_columns(pl.col("whole").fill_null(0)),
        FRAME.with_columns(pl.col("real").fill_nan(None)),
        FRAME.with_columns(pl.col("text").fill_null("")),
        FRAME.with_columns(text=pl.Series(["é", None, ""])),
        FRAME.with_columns(pl.col("flag").fill_null(False)),
        FRAME.with_columns(pl.col("money") + Decimal("0.01")),
        FRAME.with_columns(names=pl.Series([["a"], [None], None])),
        FRAME.with_columns(names=pl.Series([["a", None], None, None])),
        FRAME.with_columns(pair=pl.struct(x=pl.col("pair").struct["x"], y=pl.lit("a"))),
        FRAME.with_columns(pl.col("kind").fill_null("a")),
        FRAME.with_columns(three=pl.col("three").arr.reverse()),
    ],
)
def test_any_change_of_the_contents_does(tmp_path: Path, changed: pl.DataFrame) -> None:
    assert hash_of(tmp_path, changed) != hash_of(tmp_path, FRAME)


texts = st.lists(st.none() | st.text(alphabet='aé,"\n', max_size=3), max_size=4)


@given(texts, texts)
def test_two_columns_have_one_hash_when_they_hold_the_same(
    tmp_path_factory: pytest.TempPathFactory, mine: list[str | None], theirs: list[str | None]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    hashes = [
        hash_of(folder, pl.DataFrame({"text": values}, schema={"text": pl.String()}))
        for values in (mine, theirs)
    ]
    assert (hashes[0] == hashes[1]) == (mine == theirs)


def test_the_table_names_are_part_of_the_contents(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    FRAME.write_parquet(path)
    assert database_hash({"a": path}) != database_hash({"b": path})


def test_a_dataset_is_its_tables_and_its_tasks_in_any_order(tmp_path: Path) -> None:
    (suite,) = load_suites(PROJECT / "datasets", ["cards"])
    tables = build_database(suite.database, suite.folder, tmp_path)
    first, *others = suite.tasks
    moved = replace(suite, tasks=(*others, replace(first, source="elsewhere:1")))
    reworded = replace(suite, tasks=(replace(first, question="Something else?"), *others))
    assert dataset_hash(suite, tables) == dataset_hash(moved, tables)
    assert dataset_hash(suite, tables) != dataset_hash(reworded, tables)
    fewer = {name: path for name, path in tables.items() if name != "sets"}
    assert dataset_hash(suite, tables) != dataset_hash(suite, fewer)
