"""Doing what programs do before they do it, so that none of them pays for the first time."""

import polars as pl

_TIMES = 30
"""Python specialises a function's code, in place, within its first runs."""


def rehearse() -> None:
    """Walk the ways from Python into the engine, short of a query, which would start threads.

    What a first walk leaves behind (caches of abstract classes, specialised code, modules that are
    imported late) is written once here; a child that wrote it would copy each page for itself.
    """
    for _ in range(_TIMES):
        frame = pl.DataFrame({"k": ["a", "b", None], "v": [1.0, 2.0, None], "n": [1, 2, 3]})
        lazy = frame.lazy()
        value, key = pl.col("v"), pl.col("k")
        lazy.filter((value > 1) & key.is_in(["a", "b"]) & value.is_not_null()).with_columns(
            doubled=value * 2,
            text=key.str.to_lowercase().str.strip_chars(),
            share=value / value.sum().over("k"),
            kind=pl.when(value > 1).then(pl.lit("x")).otherwise(pl.lit("y")),
        ).group_by("k", maintain_order=True).agg(
            value.sum().alias("total"), pl.len().alias("count"), pl.col("n").max(), value.mean()
        ).join(lazy.select("k", "n"), on="k", how="left").sort(
            ["total", "k"], descending=[True, False], nulls_last=True
        ).unique("k").select("k", "total", pl.col("n").cast(pl.Int32)).head(3)
        frame.group_by("k")
        pl.col("d").dt.year()
        exec(compile("result = [x for x in range(3)]", "<rehearsal>", "exec"), {"pl": pl})


def warm_up() -> None:
    """In a child: start the engine's threads and touch its common paths with a small query."""
    frame = pl.DataFrame({"k": ["a", "b", "a"], "v": [1.0, 2.0, None]})
    grouped = frame.lazy().filter(pl.col("v") > 0).group_by("k").agg(pl.col("v").sum())
    frame.join(grouped.collect(), on="k", how="left", suffix="_r").sort("k", "v").write_ipc_stream(
        None
    )
