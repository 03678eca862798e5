"""Writing a suite whole or not at all."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from darkwood_bench.tasks.errors import TaskBankError
from darkwood_bench.tasks.records import SUITE_NAME
from darkwood_bench.tasks.suites import SUITE_FILE, load_suites

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


def write_suite_file(folder: Path, title: str, licence: str, tables: str) -> None:
    """Write suite.yaml: a database of files, named as the suite, and no examples."""
    suite = {
        "name": folder.name,
        "title": title,
        "licence": licence,
        "database": {"name": folder.name, "kind": "files", "parameters": {"path": tables}},
        "tasks": {"test": TEST_FILE},
    }
    text = yaml.safe_dump(suite, sort_keys=False, allow_unicode=True)
    (folder / SUITE_FILE).write_text(text, encoding="utf-8")
