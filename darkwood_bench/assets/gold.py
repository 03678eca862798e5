"""Gold answers: run like any code, kept away from the executions of what is measured."""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from darkwood_bench.assets.bank import Bank
from darkwood_bench.assets.executions import execute, execution_job, result_store
from darkwood_bench.progress import Report
from darkwood_bench.settings import Settings


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
