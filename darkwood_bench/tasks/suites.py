"""Reading suites: a folder with a suite.yaml and JSONL files of tasks, one task a line."""

import difflib
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import ValidationError

from darkwood_bench.tasks.databases import KINDS, table_names
from darkwood_bench.tasks.errors import TaskBankError
from darkwood_bench.tasks.problems import problems
from darkwood_bench.tasks.reading import line_of, parse_yaml
from darkwood_bench.tasks.records import DatabaseRecord, SuiteRecord, TaskFiles
from darkwood_bench.tasks.task import Database, Split, Suite, Task
from darkwood_bench.tasks.task_files import read_tasks

SUITE_FILE = "suite.yaml"
Say = Callable[[Sequence[str | int], str], str]
"""A problem of a nested field of suite.yaml as a line, with the place that it is at."""


def suite_names(datasets: Path) -> tuple[str, ...]:
    """The names of the suites under `datasets`, sorted, broken ones too.

    Raises TaskBankError when there is none.
    """
    names = tuple(sorted(path.parent.name for path in datasets.glob(f"*/{SUITE_FILE}")))
    if not names:
        raise TaskBankError(f"{datasets}: no suite; expected folders that hold a {SUITE_FILE}")
    return names


def load_suites(datasets: Path, names: Sequence[str] | None = None) -> tuple[Suite, ...]:
    """The suites under `datasets`, by name: those asked for, in that order, or all.

    Raises TaskBankError for an unknown name (with those that are close) and for everything that is
    wrong in the files of these suites, a line each: 'file:line: field: problem; fix'. What is wrong
    with a suite that was not asked for is not looked for.
    """
    found = read_suites(datasets, names)
    broken = [suite for suite in found.values() if isinstance(suite, TaskBankError)]
    if broken:
        raise TaskBankError(*(problem for suite in broken for problem in suite.problems))
    return tuple(suite for suite in found.values() if isinstance(suite, Suite))


def read_suites(
    datasets: Path, names: Sequence[str] | None = None
) -> dict[str, Suite | TaskBankError]:
    """As `load_suites`, but with the error in the place of a suite that is broken.

    Raises TaskBankError for a folder without suites and for an unknown name.
    """
    folders = {name: datasets / name for name in suite_names(datasets)}
    for name in names or ():
        if name not in folders:
            close = difflib.get_close_matches(name, folders)
            fix = f"did you mean {' or '.join(close)}?" if close else f"use {', '.join(folders)}"
            raise TaskBankError(f"no suite '{name}' in {datasets}; {fix}")
    wanted = folders if names is None else dict.fromkeys(names)
    return {name: _suite_or_error(folders[name]) for name in wanted}


def _suite_or_error(folder: Path) -> Suite | TaskBankError:
    try:
        return _load_suite(folder)
    except TaskBankError as error:
        return error


def _load_suite(folder: Path) -> Suite:
    path = folder / SUITE_FILE
    node, value = parse_yaml(path)

    def say(field: Sequence[str | int], problem: str) -> str:
        name = ".".join(map(str, field)) or "suite"
        return f"{path}:{line_of(node, field)}: {name}: {problem}"

    try:
        record = SuiteRecord.model_validate(value)
    except ValidationError as error:
        lines = (say(*found) for found in problems(error, SuiteRecord))
        raise TaskBankError(*lines) from error
    wrong: list[str] = []
    if record.name != folder.name:
        wrong.append(say(("name",), f"is '{record.name}'; name it as its folder, '{folder.name}'"))
    database = _database(record.database, say, wrong)
    tables = None
    try:
        tables = table_names(database, folder) if database else None
    except ValueError as error:
        wrong.append(say(("database", "parameters"), str(error)))
    tasks = _tasks(folder, record.tasks, record.database.name, tables, say, wrong)
    if wrong or database is None:
        raise TaskBankError(*wrong)
    return Suite(record.name, record.title, record.licence, folder, database, tasks)


def _database(record: DatabaseRecord, say: Say, wrong: list[str]) -> Database | None:
    """The database with its parameters checked and defaults filled in by its kind's own model."""
    if record.kind not in KINDS:
        known = ", ".join(KINDS)
        wrong.append(say(("database", "kind"), f"unknown '{record.kind}'; use one of {known}"))
        return None
    model = KINDS[record.kind].parameters
    try:
        parameters = model.model_validate(record.parameters)
    except ValidationError as error:
        for field, problem in problems(error, model):
            wrong.append(say(("database", "parameters", *field), problem))
        return None
    return Database(record.name, record.kind, parameters.model_dump(mode="json"))


def _tasks(
    folder: Path,
    files: TaskFiles,
    database: str,
    tables: Sequence[str] | None,
    say: Say,
    wrong: list[str],
) -> tuple[Task, ...]:
    """The tasks of every split, each id once; what is wrong is added to `wrong`."""
    splits: list[tuple[Split, str | None]] = [("test", files.test), ("examples", files.examples)]
    tasks: dict[str, Task] = {}
    for split, file in splits:
        if file is None:
            continue
        if not (folder / file).is_file():
            wrong.append(say(("tasks", split), f"no file '{file}' in {folder}; correct the name"))
            continue
        for task in read_tasks(folder / file, split, database, tables, wrong):
            if other := tasks.get(task.task_id):
                where = folder.absolute().parent.parent / task.source
                wrong.append(
                    f"{where}: name: '{task.task_id}' is also at {other.source}; rename one of them"
                )
            tasks[task.task_id] = task
    return tuple(tasks.values())
