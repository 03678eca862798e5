"""A suite.yaml and one line of a tasks file, and what must hold of each."""

import ast
import difflib
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from darkwood_bench.tables import CATEGORIES
from darkwood_bench.tasks.difficulty import HARDEST, difficulty, steps

SUITE_NAME = r"^[a-z][a-z0-9_]*$"


class DatabaseRecord(BaseModel):
    """`database` in a suite.yaml; its parameters are checked by the kind's own model."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(pattern=SUITE_NAME)
    kind: str
    parameters: dict[str, Any] = Field(default_factory=dict)


class TaskFiles(BaseModel):
    """`tasks` in a suite.yaml: JSONL files, relative to it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    test: str
    examples: str | None = None


class SuiteRecord(BaseModel):
    """A suite.yaml."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(pattern=SUITE_NAME)
    title: str = Field(min_length=1)
    licence: str = Field(min_length=1)
    database: DatabaseRecord
    tasks: TaskFiles


class TaskRecord(BaseModel):
    """A task as written; the split and the suite come from the file that it is in.

    Validated with `context={"tables": names}`: the tables that the database has, or None where
    they are not known.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    question: str = Field(min_length=1)
    category: str
    tables: tuple[str, ...] = Field(min_length=1)
    output_columns: tuple[str, ...] = Field(min_length=1)
    order_by: tuple[str, ...] = ()
    gold_code: str
    oracle_sql: str | None = Field(default=None, min_length=1)
    ignore_names: bool = False
    # After gold_code, which it is counted from.
    difficulty: int | None = Field(default=None, ge=1, le=HARDEST, validate_default=True)

    @field_validator("category")
    @classmethod
    def _known_category(cls, category: str) -> str:
        if category not in CATEGORIES:
            raise ValueError(f"unknown '{category}'; {_choose(category, CATEGORIES)}")
        return category

    @field_validator("tables")
    @classmethod
    def _known_tables(cls, tables: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        known: Sequence[str] | None = (info.context or {})["tables"]
        for table in tables:
            if known is not None and table not in known:
                raise ValueError(f"no table '{table}' in the database; {_choose(table, known)}")
        return _distinct(tables)

    @field_validator("output_columns")
    @classmethod
    def _distinct_columns(cls, columns: tuple[str, ...]) -> tuple[str, ...]:
        return _distinct(columns)

    @field_validator("order_by")
    @classmethod
    def _ordered_by_output(cls, order_by: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        columns: tuple[str, ...] | None = info.data.get("output_columns")
        for column in order_by:
            # Without output_columns these are wrong themselves, and said so.
            if columns is not None and column not in columns:
                raise ValueError(f"'{column}' is not in output_columns; {_choose(column, columns)}")
        return _distinct(order_by)

    @field_validator("gold_code")
    @classmethod
    def _assigns_result(cls, code: str) -> str:
        require_result(code)
        return code

    @field_validator("difficulty")
    @classmethod
    def _by_the_rule(cls, stated: int | None, info: ValidationInfo) -> int | None:
        code: str | None = info.data.get("gold_code")
        if code is None:  # it is wrong itself, and said so
            return stated
        if stated not in (None, right := difficulty(code)):
            seen = ", ".join(steps(code)) or "no step"
            raise ValueError(
                f"is {stated}, but its gold code counts {right} ({seen}); "
                f"write {right}, or leave it out"
            )
        return right


def require_result(code: str) -> None:
    """Raises ValueError, 'problem; fix', for code that does not parse or never sets `result`."""
    try:
        tree = ast.parse(code)
    except SyntaxError as error:
        raise ValueError(
            f"does not parse: {error.msg} in its line {error.lineno}; correct the code"
        ) from error
    if not any("result" in _assigned_names(statement) for statement in tree.body):
        raise ValueError("never assigns `result`; end with result = …")


def _assigned_names(statement: ast.stmt) -> set[str]:
    """The names that a top-level statement binds by assignment."""
    match statement:
        case ast.Assign(targets=targets):
            return {target.id for target in targets if isinstance(target, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name), value=value) if value is not None:
            return {name}
        case _:
            return set()


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"names '{name}' twice; keep one")
    return names


def _choose(name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean '{close[0]}'?" if close else f"use one of {', '.join(known)}"
