"""What the data of a task's tables says, for the prompts that show it: read once, then cached."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl
from upath import UPath

from darkwood_bench.assets.bank import Bank
from darkwood_bench.identity import content_id
from darkwood_bench.prompting import (
    ColumnSummary,
    Question,
    Relation,
    TableSummary,
    find_relations,
    summarise,
)
from darkwood_bench.storage import write_whole

REVISION = 1
"""Raised when summaries or relations of the same data come out differently."""


def question_of(task: Mapping[str, Any], bank: Bank, cache: Path, *, data: bool) -> Question:
    """A row of the table tasks as it is asked; with `data`, what its tables' data says as well."""
    schemas = bank.schema_texts(task)
    if not data:
        return Question(task["task_id"], task["question"], schemas)
    found = _facts(task, bank, cache)
    return Question(
        task["task_id"],
        task["question"],
        schemas,
        {table: _summary(summary) for table, summary in found["summaries"].items()},
        tuple(Relation(**relation) for relation in found["relations"]),
    )


def _facts(task: Mapping[str, Any], bank: Bank, cache: Path) -> dict[str, Any]:
    """Summaries and relations of the tables posted with a task, as JSON has them."""
    tables = bank.tables_of(task)
    key = content_id([REVISION, pl.__version__, bank.table_hashes[task["suite"]], list(tables)])
    path = cache / "table_facts" / f"{key}.json"
    if path.exists():
        return json.loads(path.read_text())
    frames = {name: pl.scan_parquet(file) for name, file in tables.items()}
    found = {
        "summaries": {name: asdict(summarise(frame)) for name, frame in frames.items()},
        "relations": [asdict(relation) for relation in find_relations(frames)],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(UPath(path), json.dumps(found).encode())
    return found


def _summary(found: Mapping[str, Any]) -> TableSummary:
    columns = {
        name: ColumnSummary(column["null_share"], tuple(column["values"]), column["distinct"])
        for name, column in found["columns"].items()
    }
    return TableSummary(found["rows"], columns)
