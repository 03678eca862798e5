"""A JSONL file of tasks, one task a line, and everything that is wrong with it."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from darkwood_bench.tasks.errors import TaskBankError
from darkwood_bench.tasks.problems import problems
from darkwood_bench.tasks.reading import read_text
from darkwood_bench.tasks.records import TaskRecord
from darkwood_bench.tasks.task import Split, Task


def read_tasks(
    path: Path, split: Split, database: str, tables: Sequence[str] | None, wrong: list[str]
) -> Iterator[Task]:
    """The tasks of a file that are right; the others' problems are added to `wrong`, a line each.

    `tables` are the database's, or None where they are not known: then any name will do.
    """
    folder = path.parent
    try:
        lines = read_text(path).split("\n")
    except TaskBankError as error:
        wrong += error.problems
        return
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            wrong.append(
                f"{where}: task: not JSON ({error.msg} at column {error.colno}); "
                "write one object on one line"
            )
            continue
        try:
            record = TaskRecord.model_validate(value, context={"tables": tables})
        except ValidationError as error:
            for field, problem in problems(error, TaskRecord):
                wrong.append(f"{where}: {'.'.join(map(str, field)) or 'task'}: {problem}")
            continue
        yield Task(
            task_id=f"{folder.name}/{record.name}",
            suite=folder.name,
            database=database,
            split=split,
            source=f"{folder.absolute().parent.name}/{folder.name}/{path.name}:{number}",
            **record.model_dump(exclude={"name"}),
        )
