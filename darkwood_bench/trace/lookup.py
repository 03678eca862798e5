"""Answers by what one knows of them: an id, a task, a class of failure."""

from collections.abc import Iterable, Iterator
from io import BytesIO

import polars as pl
from upath import UPath

from darkwood_bench.trace.story import Answer

COLUMNS = ("generation_id", "task_id", "failure_class")


def find_answers(
    base: str,
    cells: Iterable[tuple[str, str]],
    *,
    generation: str | None = None,
    task: str | None = None,
    failure_class: str | None = None,
) -> Iterator[Answer]:
    """Answers of some partitions, (model, variant), that are all of what is asked for.

    `generation` is the beginning of an id; `task` an id, or what stands in it behind the suite.
    Three columns are read of each partition, so that hundreds of them take a second or two.
    """
    for model, variant in cells:
        path = UPath(base) / "validations" / model / f"{variant}.parquet"
        rows = pl.read_parquet(BytesIO(path.read_bytes()), columns=list(COLUMNS))
        if generation is not None:
            rows = rows.filter(pl.col("generation_id").str.starts_with(generation))
        if task is not None:
            name = pl.col("task_id")
            rows = rows.filter((name == task) | (name.str.split("/").list.last() == task))
        if failure_class is not None:
            rows = rows.filter(pl.col("failure_class") == failure_class)
        for row in rows.iter_rows(named=True):
            yield Answer(model, variant, row["task_id"], row["generation_id"])
