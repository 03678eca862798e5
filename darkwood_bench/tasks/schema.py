"""What every variant of a database must hold to: a suite's schema.yaml."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from darkwood_bench.tasks.errors import TaskBankError
from darkwood_bench.tasks.problems import first_problem
from darkwood_bench.tasks.reading import line_of, parse_yaml

SCHEMA_FILE = "schema.yaml"
Wrong = Callable[[Sequence[str | int], str], TaskBankError]
"""The error for a nested field of a file, with the line that it is on."""


def _known_scalar(value: object) -> object:
    if isinstance(value, bool | int | float | str | date | datetime):
        return value
    raise ValueError("is not a text, a number or a date; correct the value")


Scalar = Annotated[bool | int | float | str | date | datetime, BeforeValidator(_known_scalar)]
Bound = int | float | date | datetime


class Reference(BaseModel):
    """A column that refers to another table's (or its own table's) column."""

    model_config = ConfigDict(frozen=True)

    table: str
    column: str


def _reference(value: object) -> object:
    if isinstance(value, str) and value.count(".") == 1:
        table, column = value.split(".")
        return Reference(table=table, column=column)
    raise ValueError(f"is {value!r}; write table.column")


class TableRules(BaseModel):
    """The laws of one table. Whatever is left out is not allowed: no null, no dangling reference;
    but without a key, rows may repeat."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: tuple[str, ...] = Field(default=())
    """Unique together, and never null."""
    unique: tuple[tuple[str, ...], ...] = Field(default=())
    """Other sets of columns, unique among the rows where none of them is null."""
    nullable: tuple[str, ...] = Field(default=())
    references: Mapping[str, Annotated[Reference, BeforeValidator(_reference)]] = Field(
        default_factory=dict
    )
    dangling: tuple[str, ...] = Field(default=())
    """Those of the references that may point to no row."""
    values: Mapping[str, tuple[Scalar, ...]] = Field(default_factory=dict)
    """Closed sets; of a list's items, for a list."""
    ranges: Mapping[str, tuple[Bound, Bound]] = Field(default_factory=dict)
    """Lowest and highest value, both allowed; for a Datetime with a date, the whole of that day."""
    patterns: Mapping[str, str] = Field(default_factory=dict)
    """Text columns, and the regular expression that the whole of every value matches."""
    text_dates: Mapping[str, str] = Field(default_factory=dict)
    """Text columns whose values are dates in a strftime format, or one of `values`."""

    @model_validator(mode="after")
    def _consistent(self) -> "TableRules":
        for column in self.dangling:
            if column not in self.references:
                raise ValueError(f"dangling '{column}' is no reference; add it to references")
        for column, pattern in self.patterns.items():
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"pattern of '{column}': {error}; correct it") from error
        for column in self.key:
            if column in self.nullable:
                raise ValueError(f"'{column}' is of the key and nullable; take it out of one")
        return self

    def columns(self) -> Mapping[tuple[str | int, ...], str]:
        """Every column named, by the field that names it."""
        named: dict[tuple[str | int, ...], str] = {}
        for field in ("key", "nullable", "dangling"):
            named |= {(field, i): name for i, name in enumerate(getattr(self, field))}
        for i, names in enumerate(self.unique):
            named |= {("unique", i, j): name for j, name in enumerate(names)}
        for field in ("references", "values", "ranges", "patterns", "text_dates"):
            named |= {(field, name): name for name in getattr(self, field)}
        return named


class Schema(BaseModel):
    """The laws of a database, table by table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tables: Mapping[str, TableRules]


def read_schema(path: Path) -> tuple[Schema, Wrong]:
    """A schema.yaml, and how to say what else is wrong with it.

    Raises TaskBankError, as 'file:line: field: problem; fix', for the first thing that is wrong.
    """
    node, value = parse_yaml(path)

    def wrong(field: Sequence[str | int], problem: str) -> TaskBankError:
        name = ".".join(map(str, field)) or "schema"
        return TaskBankError(f"{path}:{line_of(node, field)}: {name}: {problem}")

    try:
        return Schema.model_validate(value), wrong
    except ValidationError as error:
        field, problem = first_problem(error, TableRules)
        raise wrong(field, problem) from error
