"""What a person sees of a result beside gold: few rows, kept when both are at hand.

Executions keep the name of a result, and gold is run anew for each validation; what is kept here is
what a reader of the report wants of the two, without either.
"""

from collections.abc import Mapping
from dataclasses import asdict
from time import monotonic
from typing import Any

import dagster as dg
import polars as pl

from darkwood_bench.assets.bank import by_task, open_bank
from darkwood_bench.assets.consistency import require_same_answers, require_same_data
from darkwood_bench.assets.gold import GoldError, run_gold
from darkwood_bench.assets.metadata import asset_options, describe, logged
from darkwood_bench.partitions import GRID, POOL, cells
from darkwood_bench.resources import Bench
from darkwood_bench.stores import open_results
from darkwood_bench.tables import DIFFERENCES
from darkwood_bench.tasks import BASE
from darkwood_bench.validation import SideBySide, head, side_by_side

Row = Mapping[str, Any]
WHY = """
What the report and the trace show of a wrong result: the rows of it and of gold that differ, on the
data variant that decided. No verdict is made of it.
"""


@dg.asset(
    partitions_def=GRID,
    backfill_policy=dg.BackfillPolicy.single_run(),
    pool=POOL,
    **asset_options(
        DIFFERENCES, "5_validate", {"polars"}, owner="validation", version="1", why=WHY
    ),
)
def differences(
    context: dg.AssetExecutionContext,
    bench: dg.ResourceParam[Bench],
    tasks: pl.DataFrame,
    executions: dict[str, pl.DataFrame],
    validations: dict[str, pl.DataFrame],
) -> dict[str, pl.DataFrame]:
    """The rows that tell each result from gold, on the data variant that decided."""
    report = logged(context, bench.report)
    bank = open_bank(bench.settings, report)
    task_rows = by_task(tasks.iter_rows(named=True))
    deciding = {key: _deciding(executions[key], validations[key]) for key in cells(context)}
    wanted = {
        (row["task_id"], variant)
        for rows in deciding.values()
        for row in rows
        for variant in (BASE, row["data_variant"])
    }
    gold = run_gold(sorted(wanted), task_rows, bank, bench.settings, report)
    frames = {}
    with open_results(bench.settings) as results:
        for key in cells(context):
            started = monotonic()
            require_same_answers(key, validations[key], executions[key])
            require_same_data(key, executions[key], bank.tables_hash)
            rows = []
            for row in deciding[key]:
                expected, base = (
                    gold[row["task_id"], row["data_variant"]],
                    gold[row["task_id"], BASE],
                )
                # Both were judged by, so neither failed then; if one has since, it says why.
                if isinstance(expected, GoldError):
                    raise expected
                if isinstance(base, GoldError):
                    raise base
                wrong = row["status"] == "ok" and not row["correct"]
                result = results.get(row["result_hash"]) if wrong else None
                rows.append(_row(row, task_rows[row["task_id"]], result, expected, base))
            frames[key] = DIFFERENCES.frame(rows)
            context.add_asset_metadata(
                describe(
                    frames[key],
                    ["task_id", "data_variant", "expected_rows", "got_rows"],
                    shown_beside_gold=int((frames[key]["pairs"].list.len() > 0).sum()),
                    elapsed_s=monotonic() - started,
                ),
                partition_key=key,
            )
    return frames


def _deciding(executions: pl.DataFrame, validations: pl.DataFrame) -> list[Row]:
    """Of each answer's executions the one that made its verdict, with that verdict."""
    verdicts = validations.select(
        "task_id",
        "correct",
        pl.col("caught_by").list.first().fill_null(BASE).alias("data_variant"),
    )
    return list(
        executions.join(verdicts, on=["task_id", "data_variant"], maintain_order="left").iter_rows(
            named=True
        )
    )


def _row(
    execution: Row,
    task: Row,
    result: pl.DataFrame | None,
    gold: pl.DataFrame,
    base: pl.DataFrame,
) -> dict[str, Any]:
    shown = SideBySide((), 0, (), 0, 0)
    if result is not None:
        order_by = task["order_by"]
        shown = side_by_side(result, gold, order_by=order_by, by_place=task["ignore_names"])
    return {
        "generation_id": execution["generation_id"],
        "task_id": execution["task_id"],
        "data_variant": execution["data_variant"],
        "expected_rows": gold.height,
        "got_rows": execution["rows"],
        "columns": [asdict(column) for column in shown.columns],
        "more_columns": shown.more_columns,
        "pairs": [asdict(pair) for pair in shown.rows],
        "more_expected": shown.more_expected,
        "more_got": shown.more_got,
        "gold_columns": base.columns,
        "gold_head": head(base),
        "gold_rows": base.height,
    }
