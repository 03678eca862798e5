"""Results on disk."""

from pathlib import Path

import polars as pl
import pytest

from darkwood_bench.sandbox import ResultStore, ResultStoreError

FRAME = pl.DataFrame({"a": [1, None], "b": pl.Series(["x", "y"], dtype=pl.Enum(["y", "x"]))})


def test_a_frame_is_stored_once_and_comes_back(tmp_path: Path) -> None:
    store = ResultStore(tmp_path / "results")
    name = store.put(FRAME)
    assert store.put(FRAME) == name
    assert store.get(name).equals(FRAME)
    assert store.get(name).schema == FRAME.schema
    assert len(list(store.folder.iterdir())) == 1


def test_a_missing_or_damaged_result_is_named(tmp_path: Path) -> None:
    store = ResultStore(tmp_path)
    with pytest.raises(ResultStoreError, match=r"abc\.arrow: no such result"):
        store.get("abc")
    name = store.put(FRAME)
    (tmp_path / f"{name}.arrow").write_bytes(b"torn")
    with pytest.raises(ResultStoreError, match="damaged"):
        store.get(name)
