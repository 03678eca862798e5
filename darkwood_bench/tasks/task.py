"""What a task is: data only, frozen, as read from a suite's files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Split = Literal["test", "examples"]


@dataclass(frozen=True)
class Task:
    """One question, the tables it is put to, and its answer written twice."""

    task_id: str
    """suite/name, unique over all suites."""
    suite: str
    database: str
    split: Split
    """test is scored; examples are what a prompt may show."""
    question: str
    tables: tuple[str, ...]
    """The tables posted with the request, in order; some may not be needed."""
    output_columns: tuple[str, ...]
    """The columns of the right answer. A reader can know them from the question."""
    order_by: tuple[str, ...]
    """The output columns that fix the order of rows; empty when any order is right."""
    category: str
    difficulty: int
    """1 (one step) to 5 (a pipeline); the rule is in datasets/README.md."""
    gold_code: str
    """Polars code: finds each table as an eager DataFrame of its name, assigns `result`."""
    oracle_sql: str | None
    """DuckDB SQL that gives the same answer, written apart from the gold code; None where nobody
    has written it: then gold is never verified."""
    source: str
    """file:line that the task was read from, the file relative to the bank's parent folder."""
    ignore_names: bool = False
    """Columns are matched by content: the question asks for a value or a list, and names none."""

    @property
    def ordered(self) -> bool:
        """Whether the order of rows is part of the answer."""
        return bool(self.order_by)


@dataclass(frozen=True)
class Database:
    """Where a suite's tables come from. Building it needs nothing but this and the suite folder."""

    name: str
    kind: str
    """A key of `databases.KINDS`."""
    parameters: Mapping[str, Any] = field(hash=False)
    """Validated, defaults filled in; a JSON value."""


@dataclass(frozen=True)
class Suite:
    """A folder of tasks over one database."""

    name: str
    title: str
    licence: str
    folder: Path
    database: Database
    tasks: tuple[Task, ...]
    """Of every split, in the order of the files."""
