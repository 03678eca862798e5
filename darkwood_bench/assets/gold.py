"""Gold answers: run like any code, kept away from the executions of what is measured."""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from darkwood_bench.assets.bank import Bank
from darkwood_bench.assets.executions import execute, execution_job
from darkwood_bench.progress import Report
from darkwood_bench.settings import Settings
from darkwood_bench.stores import open_results
from darkwood_bench.tasks import BASE

JOURNAL = "_gold"
"""No model's name begins so."""


class GoldError(Exception):
    """A gold answer did not run: the task cannot be judged until it is mended."""


def run_gold(
    trials: Iterable[tuple[str, str]],
    tasks: Mapping[str, Mapping[str, Any]],
    bank: Bank,
    settings: Settings,
    report: Report,
) -> dict[tuple[str, str], pl.DataFrame | GoldError]:
    """The gold result of each trial, a task id and a data variant, or why there is none.

    `tasks` are rows of the table tasks by task id.
    """
    jobs = [
        execution_job("gold", tasks[task]["gold_code"], tasks[task], bank, data_variant)
        for task, data_variant in trials
    ]
    rows = execute(jobs, settings, report, "gold", JOURNAL)
    with open_results(settings) as results:
        return {
            (row["task_id"], row["data_variant"]): results.get(row["result_hash"])
            if row["status"] == "ok"
            else GoldError(f"{row['status']}: {row['error_class']}: {row['error_message']}")
            for row in rows
        }


def require_gold(results: Mapping[tuple[str, str], pl.DataFrame | GoldError]) -> None:
    """Raises GoldError, naming the tasks, where gold did not run on the base data."""
    broken = [
        f"{task} ({found})"
        for (task, data_variant), found in results.items()
        if data_variant == BASE and isinstance(found, GoldError)
    ]
    if broken:
        raise GoldError(f"gold of {'; '.join(broken)}: mend gold_code, see `darkwood tasks check`")
