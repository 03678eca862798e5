"""Stage 1: curate the tasks."""

from collections.abc import Iterator
from time import monotonic
from typing import Any

import dagster as dg
import polars as pl

from darkwood_bench.assets.bank import Bank, joint_hash, open_bank
from darkwood_bench.assets.metadata import asset_options, describe, logged, markdown
from darkwood_bench.assets.slices import RunConfig, require_suites
from darkwood_bench.assets.sources import SUITES, report_changed_sources
from darkwood_bench.progress import Progress
from darkwood_bench.resources import Bench
from darkwood_bench.tables import TASKS
from darkwood_bench.tasks import DatabaseError, TaskBankError, dataset_hash, task_rows

WHY = """
A row a question. Gold is Polars code, the oracle is SQL that was written apart: a task is
`verified` where both give the same on every variant of its data. Test tasks are asked; those of
the examples split are shown in prompts and never asked.
"""


@dg.asset(
    # As the others have it: a backfill in the UI is then one run, and not one for each policy.
    backfill_policy=dg.BackfillPolicy.single_run(),
    **asset_options(TASKS, "1_curate", {"polars", "yaml"}, owner="tasks", version="1", why=WHY),
    deps=[SUITES],
)
def tasks(
    context: dg.AssetExecutionContext, asking: RunConfig, bench: dg.ResourceParam[Bench]
) -> dg.Output[pl.DataFrame]:
    """Every task of every suite, its database built."""
    started = monotonic()
    report_changed_sources(context.instance, bench.settings)
    bank = open_bank(bench.settings, logged(context, bench.report))
    require_suites(asking.suites, bank)
    frame = TASKS.frame(_rows(context, bench, bank, set(asking.suites or bank.suites)))
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
