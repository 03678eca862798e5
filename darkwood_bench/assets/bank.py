"""The task bank as the assets see it: suites, and their tables as files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from darkwood_bench.identity import content_id
from darkwood_bench.progress import Report
from darkwood_bench.settings import Settings
from darkwood_bench.tasks import Suite, Task, build_database, database_hash, load_suites

Tables = Mapping[str, Path]
"""Table name to Parquet file."""


@dataclass(frozen=True)
class Bank:
    """Every suite, its database built."""

    suites: Mapping[str, Suite]
    tables: Mapping[str, Tables]
    """By suite."""
    table_hashes: Mapping[str, str]
    """Of a suite's tables' contents, by suite."""

    def tables_of(self, task: Mapping[str, Any]) -> dict[str, Path]:
        """The tables posted with a task, in its order; `task` is a row of the table tasks."""
        return {name: self.tables[task["suite"]][name] for name in task["tables"]}

    def schemas_of(self, task: Mapping[str, Any]) -> dict[str, dict[str, pl.DataType]]:
        """Columns and dtypes of the tables posted with a task."""
        return {
            name: dict(pl.read_parquet_schema(path)) for name, path in self.tables_of(task).items()
        }

    def schema_texts(self, task: Mapping[str, Any]) -> dict[str, dict[str, str]]:
        """Columns and dtypes of the tables posted with a task, as a prompt shows them."""
        return {
            table: {name: str(dtype) for name, dtype in columns.items()}
            for table, columns in self.schemas_of(task).items()
        }

    def all_tasks(self) -> tuple[Task, ...]:
        """Every task of every suite, in the files' order."""
        return tuple(task for suite in self.suites.values() for task in suite.tasks)


def open_bank(settings: Settings, report: Report) -> Bank:
    """Read every suite and build what databases are not built yet.

    Raises TaskBankError.
    """
    suites = {suite.name: suite for suite in load_suites(settings.datasets)}
    tables = {
        name: build_database(suite.database, suite.folder, settings.cache, report)
        for name, suite in suites.items()
    }
    hashes = {name: database_hash(files) for name, files in tables.items()}
    return Bank(suites, tables, hashes)


def by_task(rows: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Rows by task id; of several for a task the last stands, as with attempts."""
    return {row["task_id"]: row for row in rows}


def joint_hash(rows: pl.DataFrame) -> str:
    """One hash for the suites that some rows, which have a dataset_hash, are from."""
    return content_id(sorted(rows["dataset_hash"].unique()))
