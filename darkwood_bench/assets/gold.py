"""Gold answers: run like any code, kept away from the executions of what is measured."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from darkwood_bench.assets.bank import Bank, open_bank
from darkwood_bench.assets.executions import execute, execution_job, result_store
from darkwood_bench.progress import Report
from darkwood_bench.settings import Settings
from darkwood_bench.tasks import Task, TaskCheck, check_tasks
from darkwood_bench.validation import compare_frames


class GoldError(Exception):
    """A gold answer did not run: the task cannot be judged until it is mended."""


def run_gold(
    tasks: Iterable[Mapping[str, Any]], bank: Bank, settings: Settings, report: Report
) -> dict[str, pl.DataFrame | GoldError]:
    """The gold result of each task (rows of the table tasks), or why there is none."""
    jobs = [execution_job("gold", task["gold_code"], task, bank) for task in tasks]
    rows = execute(jobs, settings, report, "gold")
    store = result_store(settings)
    return {
        row["task_id"]: store.get(row["result_hash"])
        if row["status"] == "ok"
        else GoldError(f"{row['status']}: {row['error_class']}: {row['error_message']}")
        for row in rows
    }


def gold_of(results: Mapping[str, pl.DataFrame | GoldError]) -> dict[str, pl.DataFrame]:
    """The gold results, all of them. Raises GoldError, naming the tasks, where one is missing."""
    broken = [f"{task} ({e})" for task, e in results.items() if isinstance(e, GoldError)]
    if broken:
        raise GoldError(f"gold of {'; '.join(broken)}: mend gold_code, see `darkwood tasks check`")
    return {task: frame for task, frame in results.items() if isinstance(frame, pl.DataFrame)}


def check_gold(suites: Collection[str], settings: Settings, report: Report) -> list[TaskCheck]:
    """Gold against oracle for every task of some suites, examples included.

    Raises TaskBankError when the bank cannot be read.
    """
    bank = open_bank(settings, report)
    bank.require(suites)
    asked = {name: bank.suites[name].tasks for name in suites}
    rows = [asdict(task) for tasks in asked.values() for task in tasks]
    results = run_gold(rows, bank, settings, report)

    def look_up(task: Task, _: Mapping[str, Path]) -> pl.DataFrame:
        found = results[task.task_id]
        if isinstance(found, GoldError):
            raise found
        return found

    return [
        check
        for name, tasks in asked.items()
        for check in check_tasks(tasks, bank.tables[name], look_up, _difference, report)
    ]


def _difference(got: pl.DataFrame, gold: pl.DataFrame, order_by: Sequence[str]) -> str | None:
    mismatch = compare_frames(got, gold, order_by=order_by)
    return mismatch.message if mismatch else None
