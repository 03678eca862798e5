"""Reading suites: a folder with a suite.yaml and JSONL files of tasks, one task a line."""

import difflib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from darkwood_bench.tasks.databases import KINDS, table_names
from darkwood_bench.tasks.errors import TaskBankError
from darkwood_bench.tasks.reading import line_of, parse_yaml, read_text
from darkwood_bench.tasks.records import DatabaseRecord, SuiteRecord, TaskRecord
from darkwood_bench.tasks.task import Database, Split, Suite, Task

SUITE_FILE = "suite.yaml"


def load_suites(datasets: Path, names: Sequence[str] | None = None) -> tuple[Suite, ...]:
    """The suites under `datasets`, by name: those asked for, in that order, or all.

    Raises TaskBankError for an unknown name (with those that are close) and for the first thing
    that is wrong in a file, as 'file:line: field: problem; fix'.
    """
    folders = {path.parent.name: path.parent for path in sorted(datasets.glob(f"*/{SUITE_FILE}"))}
    if not folders:
        raise TaskBankError(f"{datasets}: no suite; expected folders that hold a {SUITE_FILE}")
    for name in names or ():
        if name not in folders:
            close = difflib.get_close_matches(name, folders)
            fix = f"did you mean {' or '.join(close)}?" if close else f"use {', '.join(folders)}"
            raise TaskBankError(f"no suite '{name}' in {datasets}; {fix}")
    wanted = folders if names is None else dict.fromkeys(names)
    return tuple(_load_suite(folders[name]) for name in wanted)


def _load_suite(folder: Path) -> Suite:
    path = folder / SUITE_FILE
    node, value = parse_yaml(path)

    def wrong(field: Sequence[str | int], problem: str) -> TaskBankError:
        name = ".".join(map(str, field)) or "suite"
        return TaskBankError(f"{path}:{line_of(node, field)}: {name}: {problem}")

    try:
        record = SuiteRecord.model_validate(value)
    except ValidationError as error:
        raise wrong(*_first_problem(error, SuiteRecord)) from error
    if record.name != folder.name:
        raise wrong(("name",), f"is '{record.name}'; name it as its folder, '{folder.name}'")
    database = _database(record.database, wrong)
    try:
        tables = table_names(database, folder)
    except ValueError as error:
        raise wrong(("database", "parameters"), str(error)) from error

    tasks: dict[str, Task] = {}
    splits: list[tuple[Split, str | None]] = [
        ("test", record.tasks.test),
        ("examples", record.tasks.examples),
    ]
    for split, file in splits:
        if file is None:
            continue
        if not (folder / file).is_file():
            raise wrong(("tasks", split), f"no file '{file}' in {folder}; correct the name")
        for task in _read_tasks(folder / file, split, database, tables):
            if other := tasks.get(task.task_id):
                where = folder.absolute().parent.parent / task.source
                raise TaskBankError(
                    f"{where}: name: '{task.task_id}' is also at {other.source}; rename one of them"
                )
            tasks[task.task_id] = task
    return Suite(record.name, record.title, record.licence, folder, database, tuple(tasks.values()))


def _database(
    record: DatabaseRecord, wrong: Callable[[Sequence[str | int], str], TaskBankError]
) -> Database:
    """The database with its parameters checked and defaults filled in by its kind's own model."""
    if record.kind not in KINDS:
        known = ", ".join(KINDS)
        raise wrong(("database", "kind"), f"unknown '{record.kind}'; use one of {known}")
    model = KINDS[record.kind].parameters
    try:
        parameters = model.model_validate(record.parameters)
    except ValidationError as error:
        field, problem = _first_problem(error, model)
        raise wrong(("database", "parameters", *field), problem) from error
    return Database(record.name, record.kind, parameters.model_dump(mode="json"))


def _read_tasks(
    path: Path, split: Split, database: Database, tables: Sequence[str]
) -> Iterator[Task]:
    folder = path.parent
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            raise TaskBankError(
                f"{where}: task: not JSON ({error.msg} at column {error.colno}); "
                "write one object on one line"
            ) from error
        try:
            record = TaskRecord.model_validate(value, context={"tables": tuple(tables)})
        except ValidationError as error:
            field, problem = _first_problem(error, TaskRecord)
            name = ".".join(map(str, field)) or "task"
            raise TaskBankError(f"{where}: {name}: {problem}") from error
        yield Task(
            task_id=f"{folder.name}/{record.name}",
            suite=folder.name,
            database=database.name,
            split=split,
            source=f"{folder.absolute().parent.name}/{folder.name}/{path.name}:{number}",
            **record.model_dump(exclude={"name"}),
        )


def _first_problem(
    error: ValidationError, model: type[BaseModel]
) -> tuple[tuple[str | int, ...], str]:
    """The field at fault and 'problem; fix', from the first of pydantic's findings."""
    first = error.errors(include_url=False)[0]
    field = tuple(first["loc"])
    match first["type"]:
        case "missing":
            return field, "is missing; add it"
        case "extra_forbidden":
            known = difflib.get_close_matches(str(field[-1]), _fields(model), n=1)
            fix = f"did you mean '{known[0]}'?" if known else "remove it"
            return field, f"no such field; {fix}"
        case "value_error":  # our own validators say the fix themselves
            return field, first["msg"].removeprefix("Value error, ")
        case _:
            message = first["msg"][0].lower() + first["msg"][1:]
            return field, f"{message}, not {_short(first['input'])}; correct the value"


def _fields(model: type[BaseModel]) -> Mapping[str, Any]:
    """The names of a model's fields and of its nested models' fields."""
    names: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        names[name] = info
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            names |= _fields(info.annotation)
    return names


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
