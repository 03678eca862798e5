"""Writing imported questions, and their tables, as the files of a suite."""

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from darkwood_bench.tasks.importing.answers import Answer
from darkwood_bench.tasks.importing.rows import Imported
from darkwood_bench.tasks.importing.sources import Source
from darkwood_bench.tasks.staging import TEST_FILE

TABLES = "tables"


def write_tables(folder: Path, sources: Mapping[str, Source]) -> None:
    """Copy the tables' files into the suite, each under its table's name."""
    (folder / TABLES).mkdir()
    for table, source in sources.items():
        shutil.copyfile(source.path, folder / TABLES / f"{table}.{source.format}")


def write_tasks(folder: Path, answers: Iterable[Answer]) -> None:
    """Write the questions as tasks, a line each."""
    lines = (json.dumps(_task(answer), ensure_ascii=False) + "\n" for answer in answers)
    (folder / TEST_FILE).write_text("".join(lines), encoding="utf-8")


def _task(answer: Answer) -> dict[str, object]:
    question = answer.question
    task: dict[str, object] = {
        "name": question.name,
        "question": question.question,
        "category": question.category,
        "tables": list(question.sources),
        "output_columns": list(answer.output_columns),
        "order_by": list(question.order_by),
        "gold_code": question.gold_code,
    }
    if question.oracle_sql is not None:
        task["oracle_sql"] = question.oracle_sql
    if answer.ignore_names:
        task["ignore_names"] = True
    return task


def all_sources(questions: Sequence[Imported]) -> dict[str, Source]:
    """Every table of some questions."""
    return {table: source for question in questions for table, source in question.sources.items()}
