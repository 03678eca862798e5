"""Reading other people's questions, and saying of each row that cannot be used why.

Two forms are read. The hackathon's: {"questions": [{"id", "question", "datasets": {table:
{"file_name", "format"}}, "gold_code"}]}. And lines of {"id", "question", "tables": [table],
"gold_code"}, each table a Parquet or CSV file of its name. Of a row's other fields `oracle_sql`,
`order_by` and `category` are used where they are there, and the rest is left alone.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from darkwood_bench.tables import CATEGORIES
from darkwood_bench.tasks.difficulty import steps
from darkwood_bench.tasks.errors import TaskBankError
from darkwood_bench.tasks.importing.sources import Format, Source, Sources
from darkwood_bench.tasks.problems import problems
from darkwood_bench.tasks.reading import read_text
from darkwood_bench.tasks.records import require_result

MANY_STEPS = 5


@dataclass(frozen=True)
class Imported:
    """One question as it was found; its gold has not been run yet."""

    index: int
    """Its place in the file, from 1."""
    name: str
    """The id as a task's name: lower case, with hyphens."""
    question: str
    sources: Mapping[str, Source]
    """By table."""
    gold_code: str
    oracle_sql: str | None
    order_by: tuple[str, ...]
    category: str


@dataclass(frozen=True)
class BadRow:
    """Why a row cannot be used."""

    index: int
    """The row's place in the file, from 1."""
    field: str
    why: str
    """'problem; fix'"""


class _File(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    file_name: str = Field(min_length=1)
    format: Format


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    id: str
    question: str = Field(min_length=1)
    datasets: dict[str, _File] | None = Field(default=None, min_length=1)
    tables: list[str] | None = Field(default=None, min_length=1)
    gold_code: str
    oracle_sql: str | None = Field(default=None, min_length=1)
    order_by: list[str] = Field(default_factory=list)
    category: str | None = None

    @field_validator("id", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        return str(value) if type(value) is int else value

    @field_validator("gold_code")
    @classmethod
    def _assigns_result(cls, code: str) -> str:
        require_result(code)
        return code

    @field_validator("category")
    @classmethod
    def _known(cls, category: str | None) -> str | None:
        if category is not None and category not in CATEGORIES:
            raise ValueError(f"unknown '{category}'; leave it out or use {', '.join(CATEGORIES)}")
        return category


def read_questions(file: Path, folder: Path) -> tuple[list[Imported], list[BadRow]]:
    """The questions of a file whose tables are in `folder`, and what is wrong with the others.

    Raises TaskBankError for a file that has neither of the two forms.
    """
    good: list[Imported] = []
    bad: list[BadRow] = []
    names: dict[str, int] = {}
    sources = Sources(folder)
    for index, value in enumerate(_rows(file), start=1):
        wrong: list[BadRow] = []
        row = _row(value, index, wrong)
        found = _sources(row, index, sources, wrong) if row else {}
        if row and (name := _name(row, index, names, wrong)) and not wrong:
            good.append(
                Imported(
                    index=index,
                    name=name,
                    question=row.question,
                    sources=found,
                    gold_code=row.gold_code,
                    oracle_sql=row.oracle_sql,
                    order_by=tuple(row.order_by),
                    category=row.category or likely_category(row.gold_code),
                )
            )
        bad += wrong
    return good, bad


def likely_category(gold_code: str) -> str:
    """What a query is about, guessed from the steps of its gold code, the rarest kind first."""
    found = steps(gold_code)
    kinds = {
        "reshaping": "reshaping" in found,
        "pipelines": len(found) >= MANY_STEPS,
        "window functions": "window" in found,
        "joins": "join" in found,
        "ranking": "order" in found and re.search(r"\.(head|limit|top_k|bottom_k)\b", gold_code),
        "dates": re.search(r"\.dt\b|\bpl\.(date|datetime|duration)\b", gold_code),
        "strings": re.search(r"\.str\b", gold_code),
        "aggregations": "group" in found,
        "nulls": "missing values" in found,
        "filters": "filter" in found,
    }
    return next((kind for kind, seen in kinds.items() if seen), "selection")


def _rows(file: Path) -> Iterator[Any]:
    """The rows as JSON values; a line that is none is given as the error that says so."""
    text = read_text(file)
    try:
        whole = json.loads(text)
    except json.JSONDecodeError as error:
        whole = error
    match whole:
        case {"questions": list(rows)}:
            yield from rows
            return
        case list(rows):
            yield from rows
            return
    lines = [line for line in text.split("\n") if line.strip()]
    if not lines or not lines[0].lstrip().startswith("{") or lines[0].strip() == "{":
        reason = f" ({whole})" if isinstance(whole, json.JSONDecodeError) else ""
        raise TaskBankError(
            f"{file}:1: questions: neither an object with a list `questions` nor a JSON object "
            f"a line{reason}; correct the file"
        )
    for line in lines:
        try:
            yield json.loads(line)
        except json.JSONDecodeError as error:
            yield error


def _row(value: Any, index: int, wrong: list[BadRow]) -> _Row | None:
    if isinstance(value, json.JSONDecodeError):
        problem = f"not JSON ({value.msg} at column {value.colno}); write one object on one line"
        wrong.append(BadRow(index, "row", problem))
        return None
    try:
        return _Row.model_validate(value)
    except ValidationError as error:
        for field, problem in problems(error, _Row):
            wrong.append(BadRow(index, ".".join(map(str, field)) or "row", problem))
        return None


def _sources(row: _Row, index: int, sources: Sources, wrong: list[BadRow]) -> dict[str, Source]:
    found: dict[str, Source] = {}
    if row.datasets is None and row.tables is None:
        wrong.append(BadRow(index, "datasets", "is missing; add it, or a list of tables"))
    for table in {**(row.datasets or {}), **dict.fromkeys(row.tables or ())}:
        try:
            if row.datasets and table in row.datasets:
                file = row.datasets[table]
                found[table] = sources.of_file(table, file.file_name, file.format)
            else:
                found[table] = sources.of_table(table)
        except ValueError as error:
            field = f"datasets.{table}" if row.datasets else "tables"
            wrong.append(BadRow(index, field, str(error)))
    return found


def _name(row: _Row, index: int, names: dict[str, int], wrong: list[BadRow]) -> str | None:
    """The id as a task's name, which no other row may have."""
    plain = unicodedata.normalize("NFKD", row.id).encode("ascii", "ignore").decode()
    name = "-".join(re.findall(r"[a-z0-9]+", plain.lower()))
    if not name:
        wrong.append(BadRow(index, "id", f"{row.id!r} has no letter or digit; give another"))
        return None
    if name in names:
        problem = f"{row.id!r} makes '{name}', as question {names[name]} does; rename one of them"
        wrong.append(BadRow(index, "id", problem))
        return None
    names[name] = index
    return name
