"""What slow checks of a suite found, kept beside the suite and named by what they looked at.

A report is committed with a suite that is shipped: it says the same each time, so that making it
again changes nothing unless the suite did. It counts only while its hash is the suite's own.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from darkwood_bench.identity import content_hash, file_hash
from darkwood_bench.tasks.errors import TaskBankError

FOLDER = "reports"
CHECK = "check"
"""Gold against oracle: task id -> outcome, the worst of all data variants."""
MUTANTS = "mutants"
"""Mutation strength: task id -> how many "mutants", "killed" and "equivalent", and "survivors"."""
LAWS = {CHECK: ("schema.yaml",), MUTANTS: ("schema.yaml", "equivalent.yaml")}
"""The suite's files, besides its tasks and tables, that a report depends on."""


def save_report(suite_folder: Path, name: str, dataset_hash: str, tasks: Mapping[str, Any]) -> Path:
    """Write reports/<name>.json: what was found of each task (a JSON value, by task id).

    A file that says so already is left alone, so that it may lie where nobody can write.
    Raises OSError.
    """
    path = _path(suite_folder, name)
    report = {
        "content_hash": _looked_at(suite_folder, name, dataset_hash),
        "tasks": dict(sorted(tasks.items())),
    }
    text = json.dumps(report, indent=1, ensure_ascii=False) + "\n"
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(exist_ok=True)
        aside = path.with_suffix(f".{os.getpid()}.part")
        aside.write_text(text, encoding="utf-8")
        aside.rename(path)
    return path


def stored_report(suite_folder: Path, name: str, dataset_hash: str) -> Mapping[str, Any] | None:
    """What was found of each task; None where it never was, or of other content.

    Raises TaskBankError for a file that is no report.
    """
    path = _path(suite_folder, name)
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        current = report["content_hash"] == _looked_at(suite_folder, name, dataset_hash)
        return report["tasks"] if current else None
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise TaskBankError(f"{path}:1: report: not one of darkwood's; delete the file") from error


def verified_tasks(suite_folder: Path, dataset_hash: str) -> frozenset[str]:
    """The ids of the tasks whose gold was found to agree with its oracle, as both are now."""
    found = stored_report(suite_folder, CHECK, dataset_hash) or {}
    return frozenset(task_id for task_id, outcome in found.items() if outcome == "agree")


def _looked_at(suite_folder: Path, name: str, dataset_hash: str) -> str:
    """The hash of all that a report depends on: tasks, tables and the laws of data variants."""
    files = {file: suite_folder / file for file in LAWS[name]}
    laws = {file: file_hash(path) for file, path in files.items() if path.is_file()}
    return content_hash({"dataset_hash": dataset_hash, "laws": laws})


def _path(suite_folder: Path, name: str) -> Path:
    return suite_folder / FOLDER / f"{name}.json"
