"""Tables and sandboxes that tests of this package share."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from small_limits import LIMITS

from darkwood_bench.sandbox import Sandbox, probe_isolation


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two small tables as Parquet files."""
    folder = tmp_path_factory.mktemp("tables")
    rows = 20_000
    orders = pl.DataFrame(
        {
            "id": range(rows),
            "total": [float(i % 97) for i in range(rows)],
            "name": [f"n{i % 50}" for i in range(rows)],
        }
    )
    orders.write_parquet(folder / "orders.parquet")
    customers = pl.DataFrame({"cid": range(50), "name": [f"n{i}" for i in range(50)]})
    customers.write_parquet(folder / "customers.parquet")
    return {name: folder / f"{name}.parquet" for name in ("orders", "customers")}


@pytest.fixture(scope="session")
def sandbox(tables: dict[str, Path]) -> Iterator[Sandbox]:
    """A sandbox as strong as the machine allows."""
    if probe_isolation().level == "L0":
        pytest.skip("no isolation on this machine")
    with Sandbox(tables, LIMITS) as sandbox:
        yield sandbox
