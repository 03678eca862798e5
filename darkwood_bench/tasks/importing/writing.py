"""Writing a suite whole or not at all."""

import json
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import yaml

from darkwood_bench.tasks.errors import TaskBankError
from darkwood_bench.tasks.importing.answers import Answer
from darkwood_bench.tasks.importing.rows import Imported
from darkwood_bench.tasks.importing.sources import Source
from darkwood_bench.tasks.records import SUITE_NAME
from darkwood_bench.tasks.suites import SUITE_FILE, load_suites

TABLES = "tables"
TEST_FILE = "tasks.jsonl"


@contextmanager
def staged_suite(datasets: Path, name: str) -> Iterator[Path]:
    """A folder to write a suite in, which becomes `datasets`/`name` when all went well.

    The suite is loaded before it is moved. Raises TaskBankError where there is one of that name,
    and for all that is wrong with what was written; then nothing is left behind.
    """
    if not re.fullmatch(SUITE_NAME, name):
        raise TaskBankError(f"suite '{name}': lower-case letters, digits and _ only; rename it")
    target = datasets / name
    if target.exists():
        raise TaskBankError(f"{target}: there already; delete it or choose another name")
    datasets.mkdir(parents=True, exist_ok=True)
    # On the same file system, so that it can be moved in one step; hidden, so that it is no suite.
    aside = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=datasets))
    try:
        folder = aside / name
        folder.mkdir()
        yield folder
        load_suites(aside, [name])
        folder.rename(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def write_tables(folder: Path, sources: Mapping[str, Source]) -> None:
    """Copy the tables' files into the suite, each under its table's name."""
    (folder / TABLES).mkdir()
    for table, source in sources.items():
        shutil.copyfile(source.path, folder / TABLES / f"{table}.{source.format}")


def write_suite_file(folder: Path, title: str, licence: str) -> None:
    """Write suite.yaml: a database of the suite's own files, named as the suite."""
    suite = {
        "name": folder.name,
        "title": title,
        "licence": licence,
        "database": {"name": folder.name, "kind": "files", "parameters": {"path": TABLES}},
        "tasks": {"test": TEST_FILE},
    }
    text = yaml.safe_dump(suite, sort_keys=False, allow_unicode=True)
    (folder / SUITE_FILE).write_text(text, encoding="utf-8")


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
