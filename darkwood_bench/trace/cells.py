"""The tables of one partition, read together."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl
from upath import UPath

from darkwood_bench.storage import read_table

NEEDED = ("prompts", "generations", "executions", "validations")
CELLS_OF = "validations"
"""The table whose files say which partitions were judged."""


@dataclass(frozen=True)
class CellTables:
    """What one model answered under one prompt variant, stage by stage."""

    model: str
    variant: str
    tasks: pl.DataFrame
    tables: Mapping[str, pl.DataFrame]
    """Those of NEEDED, and `differences` where that was made."""

    def of_task(self, table: str, task: str) -> list[dict[str, object]]:
        """A task's rows of a table, in its order; none of a table that is not there."""
        frame = self.tables.get(table)
        return [] if frame is None else frame.filter(pl.col("task_id") == task).to_dicts()


def cell_tables(base: str, model: str, variant: str) -> CellTables | list[str]:
    """The tables of a partition; or the names of those that are not there yet."""
    tasks = read_table(base, "tasks")
    frames = {name: read_table(base, name, model, variant) for name in NEEDED}
    missing = [name for name, frame in {"tasks": tasks, **frames}.items() if frame is None]
    if missing:
        return missing
    differences = read_table(base, "differences", model, variant)
    if differences is not None:
        frames["differences"] = differences
    return CellTables(model, variant, tasks, frames)


def scored_cells(base: str) -> Iterator[tuple[str, str]]:
    """Model and variant of every partition that was judged, sorted."""
    folder = UPath(base) / CELLS_OF
    if folder.exists():
        found = {(path.parent.name, path.stem) for path in folder.glob("*/*.parquet")}
        yield from sorted(found)
