"""The tables that the program finds loaded."""

from typing import BinaryIO

import polars as pl


def read_table(file: BinaryIO, format_: str) -> pl.DataFrame:
    """A whole table as an eager frame; dates in a CSV are recognised."""
    if format_ == "parquet":
        return pl.read_parquet(file)
    if format_ == "csv":
        return pl.read_csv(file, try_parse_dates=True)
    if format_ == "ipc_stream":
        return pl.read_ipc_stream(file)
    return pl.read_ipc(file)


def warm_up() -> None:
    """Start the engine's threads and touch its common paths, so that no program pays for that."""
    frame = pl.DataFrame({"k": ["a", "b", "a"], "v": [1.0, 2.0, None]})
    grouped = frame.lazy().filter(pl.col("v") > 0).group_by("k").agg(pl.col("v").sum())
    frame.join(grouped.collect(), on="k", how="left", suffix="_r").sort("k", "v").write_ipc_stream(
        None
    )
