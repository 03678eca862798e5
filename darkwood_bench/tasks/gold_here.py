"""Run gold code in this process: only for code that is the bank's own, as it is shipped."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from darkwood_bench.tasks.task import Suite, Task


def is_own(suite: Suite) -> bool:
    """Whether a suite's code is ours: it asks about a database that this package makes itself.

    What a user wrote or imported is about files, and its code runs in the sandbox only.
    """
    return suite.database.kind != "files"


class GoldHere:
    """A `RunGold` that keeps the tables that it has read. Raises whatever the code raises."""

    def __init__(self) -> None:
        self._read: dict[Path, pl.DataFrame] = {}

    def __call__(self, task: Task, tables: Mapping[str, Path]) -> pl.DataFrame:
        return self.run(task.gold_code, tables)

    def run(self, code: str, tables: Mapping[str, Path]) -> pl.DataFrame:
        """What code assigns to `result`, collected. Raises TypeError when it is no frame."""
        names: dict[str, Any] = {"pl": pl}
        # A clone costs nothing, and keeps code that changes a table in place from the next one.
        names |= {name: self._table(path).clone() for name, path in tables.items()}
        exec(code, names)
        result = names["result"]
        if isinstance(result, pl.LazyFrame):
            result = result.collect()
        if not isinstance(result, pl.DataFrame):
            raise TypeError(f"result is a {type(result).__name__}, not a DataFrame")
        return result

    def _table(self, path: Path) -> pl.DataFrame:
        if path not in self._read:
            self._read[path] = pl.read_parquet(path)
        return self._read[path]
