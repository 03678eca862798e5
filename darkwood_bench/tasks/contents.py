"""Hashes of what tables hold, whatever the encoding of their files, and of a suite as a whole."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from darkwood_bench.identity import content_hash
from darkwood_bench.tasks.reports import verified_tasks
from darkwood_bench.tasks.task import Suite, Task


def database_hash(tables: Mapping[str, Path]) -> str:
    """SHA-256 (64 hex digits) of Parquet tables' names, schemas and values, rows in their order.

    The values are hashed, not the files: compression, row groups and the writer do not matter.
    """
    return content_hash({name: _table_hash(path) for name, path in sorted(tables.items())})


def dataset_hash(suite: Suite, tables: Mapping[str, Path]) -> str:
    """SHA-256 of a suite's tables and tasks, examples included: what its scores depend on.

    The order and the line numbers of the tasks do not matter.
    """
    tasks = sorted((_task_content(task) for task in suite.tasks), key=lambda row: row["task_id"])
    return content_hash({"database": database_hash(tables), "tasks": tasks})


def task_rows(suite: Suite, dataset_hash: str) -> list[dict[str, Any]]:
    """The suite's rows of `darkwood_bench.tables.TASKS`.

    Gold is verified where a stored check of just these tasks and tables found it so.
    """
    verified = verified_tasks(suite.folder, dataset_hash)
    return [
        _task_content(task)
        | {
            "ordered": task.ordered,
            "source": task.source,
            "verified": task.task_id in verified,
            "dataset_hash": dataset_hash,
        }
        for task in suite.tasks
    ]


def _task_content(task: Task) -> dict[str, Any]:
    """A task as a JSON value, without where it was read from."""
    return {
        "task_id": task.task_id,
        "suite": task.suite,
        "database": task.database,
        "split": task.split,
        "question": task.question,
        "tables": list(task.tables),
        "output_columns": list(task.output_columns),
        "order_by": list(task.order_by),
        "category": task.category,
        "difficulty": task.difficulty,
        "gold_code": task.gold_code,
        "oracle_sql": task.oracle_sql,
        "ignore_names": task.ignore_names,
    }


def _table_hash(path: Path) -> str:
    digest = hashlib.sha256()
    for name in pl.read_parquet_schema(path):
        # Column by column: a large table need not fit in memory.
        values = pl.read_parquet(path, columns=[name]).to_series()
        digest.update(_column_hash(name, values))
    return digest.hexdigest()


def _column_hash(name: str, values: pl.Series) -> bytes:
    """SHA-256 of a column: its name, dtype and length, which values are null, and the values."""
    digest = hashlib.sha256(content_hash([name, str(values.dtype), len(values)]).encode())
    digest.update(values.is_null().cast(pl.UInt8).to_numpy().tobytes())
    values = values.drop_nulls()
    match values.dtype:
        case pl.Struct(fields=fields):
            for field in fields:
                digest.update(_column_hash(field.name, values.struct[field.name]))
        case pl.List() | pl.Array():
            if isinstance(values.dtype, pl.Array):
                values = values.arr.to_list()
            digest.update(values.list.len().to_numpy().astype("<u8").tobytes())
            digest.update(_column_hash("", values.explode(empty_as_null=False)))
        case _:
            digest.update(_bytes(values))
    return digest.digest()


def _bytes(values: pl.Series) -> bytes:
    """The values of a flat column without nulls, little-endian; text with the lengths before."""
    match values.dtype:
        case pl.Float32() | pl.Float64():
            numbers = values.to_numpy()
            # NaN has many bit patterns, and they mean the same.
            numbers = np.where(np.isnan(numbers), np.nan, numbers).astype(numbers.dtype)
            return _little_endian(numbers)
        case pl.Binary():
            lengths = values.bin.size()
            return _little_endian(lengths.to_numpy()) + b"".join(values)
        case pl.Boolean():
            return _little_endian(values.cast(pl.UInt8).to_numpy())
        case pl.String() | pl.Decimal() | pl.Int128() | pl.Categorical() | pl.Enum():
            text = values.cast(pl.String)
            joined = "".join(text.str.join("")) if len(text) else ""
            return _little_endian(text.str.len_bytes().to_numpy()) + joined.encode()
        case _:
            return _little_endian(values.to_physical().to_numpy())


def _little_endian(numbers: np.ndarray) -> bytes:
    return numbers.astype(numbers.dtype.newbyteorder("<")).tobytes()
