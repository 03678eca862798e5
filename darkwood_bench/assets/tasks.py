"""Stage 1: curate the tasks."""

from time import monotonic

import dagster as dg
import polars as pl

from darkwood_bench.assets.bank import joint_hash, open_bank
from darkwood_bench.assets.metadata import asset_options, describe, logged, markdown
from darkwood_bench.resources import Bench
from darkwood_bench.tables import TASKS
from darkwood_bench.tasks import dataset_hash, task_rows


@dg.asset(**asset_options(TASKS, "curate", {"polars"}))
def tasks(
    context: dg.AssetExecutionContext, bench: dg.ResourceParam[Bench]
) -> dg.Output[pl.DataFrame]:
    """Every task of every suite, its database built."""
    started = monotonic()
    bank = open_bank(bench.settings, logged(context, bench.report))
    frame = TASKS.frame(
        row
        for suite in bank.suites.values()
        for row in task_rows(suite, dataset_hash(suite, bank.tables[suite.name]))
    )
    counts = frame.group_by("suite", "category", "split").len("tasks").sort(pl.all())
    return dg.Output(
        frame,
        data_version=dg.DataVersion(joint_hash(frame)),
        metadata=describe(
            frame,
            ["task_id", "category", "difficulty", "question"],
            counts=dg.MetadataValue.md(markdown(counts)),
            elapsed_s=monotonic() - started,
            dataset_hashes=dict(frame.select("suite", "dataset_hash").unique().iter_rows()),
        ),
    )
