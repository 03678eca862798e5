"""Stage 1: curate the tasks."""

from collections.abc import Iterator
from time import monotonic
from typing import Any

import dagster as dg
import polars as pl
from pydantic import Field

from darkwood_bench.assets.bank import Bank, joint_hash, open_bank
from darkwood_bench.assets.metadata import asset_options, describe, logged, markdown
from darkwood_bench.progress import Progress
from darkwood_bench.resources import Bench
from darkwood_bench.tables import TASKS
from darkwood_bench.tasks import DatabaseError, TaskBankError, dataset_hash, task_rows


class CurateConfig(dg.Config):
    """What must be there; the default is everything."""

    suites: list[str] = Field(
        default=[],
        description="Suites that are needed, empty for all. Another that cannot be read, or whose "
        "tables cannot be had, is left out; the log says so, and prompts show no example of it.",
    )


@dg.asset(**asset_options(TASKS, "curate", {"polars"}))
def tasks(
    context: dg.AssetExecutionContext, config: CurateConfig, bench: dg.ResourceParam[Bench]
) -> dg.Output[pl.DataFrame]:
    """Every task of every suite, its database built."""
    started = monotonic()
    bank = open_bank(bench.settings, logged(context, bench.report))
    bank.require(config.suites)
    frame = TASKS.frame(_rows(context, bench, bank, set(config.suites or bank.suites)))
    unverified = frame.filter(~pl.col("verified")).group_by("suite").len("tasks").sort("suite")
    counts = frame.group_by("suite", "category", "split").len("tasks").sort(pl.all())
    return dg.Output(
        frame,
        data_version=dg.DataVersion(joint_hash(frame)),
        metadata=describe(
            frame,
            ["task_id", "category", "difficulty", "question"],
            counts=dg.MetadataValue.md(markdown(counts)),
            unverified=dg.MetadataValue.md(markdown(unverified)) if len(unverified) else 0,
            elapsed_s=monotonic() - started,
            dataset_hashes=dict(frame.select("suite", "dataset_hash").unique().iter_rows()),
        ),
    )


def _rows(
    context: dg.AssetExecutionContext, bench: Bench, bank: Bank, needed: set[str]
) -> Iterator[dict[str, Any]]:
    """Raises DatabaseError where the tables of a needed suite cannot be had."""

    def leave_out(name: str, error: TaskBankError) -> None:
        for problem in error.problems:
            note = f"left out: {problem}"
            context.log.warning(f"suite {name} is {note}")
            bench.report(Progress("tasks", f"suite {name}", 0, 0, unit="database", note=note))

    for name, error in bank.broken.items():
        leave_out(name, error)
    for name, suite in bank.suites.items():
        try:
            tables = bank.tables[name]
        except DatabaseError as error:
            if name in needed:
                raise
            leave_out(name, error)
            continue
        yield from task_rows(suite, dataset_hash(suite, tables))
