"""Stage 5: is it right, and is it efficient. Gold is run here, away from the executions."""

from collections.abc import Mapping
from time import monotonic
from typing import Any

import dagster as dg
import polars as pl

from darkwood_bench.assets.bank import Bank, by_task, joint_hash, open_bank
from darkwood_bench.assets.consistency import require_same_answers, require_same_data
from darkwood_bench.assets.efficiency import measured
from darkwood_bench.assets.executions import result_store
from darkwood_bench.assets.gold import gold_of, run_gold
from darkwood_bench.assets.metadata import asset_options, describe, logged, markdown
from darkwood_bench.partitions import GRID, POOL, cells
from darkwood_bench.progress import Progress, Report
from darkwood_bench.resources import Bench
from darkwood_bench.tables import VALIDATIONS
from darkwood_bench.validation import INFRASTRUCTURE, Gold, Outcome, judge, validation_row

Row = Mapping[str, Any]


class UnjudgedError(Exception):
    """Executions failed for reasons that say nothing of the code; they must be done again."""


@dg.asset(
    partitions_def=GRID,
    backfill_policy=dg.BackfillPolicy.single_run(),
    pool=POOL,
    **asset_options(VALIDATIONS, "validate", {"polars"}),
)
def validations(
    context: dg.AssetExecutionContext,
    bench: dg.ResourceParam[Bench],
    tasks: pl.DataFrame,
    generations: dict[str, pl.DataFrame],
    executions: dict[str, pl.DataFrame],
) -> dict[str, pl.DataFrame]:
    """Each result against gold, and each right answer's cost against gold's."""
    report = logged(context, bench.report)
    bank = open_bank(bench.settings, report)
    task_rows = by_task(tasks.iter_rows(named=True))
    asked = {task for frame in executions.values() for task in frame["task_id"]}
    gold_frames = gold_of(
        run_gold([task_rows[task] for task in sorted(asked)], bank, bench.settings, report)
    )
    gold = {task: _gold(task_rows[task], frame, bank) for task, frame in gold_frames.items()}
    frames = {}
    for key, cell in cells(context).items():
        started = monotonic()
        require_same_answers(key, generations[key], executions[key])
        require_same_data(key, executions[key], bank.table_hashes)
        frames[key] = VALIDATIONS.frame(
            _validate(
                f"{cell.model} {cell.variant}",
                by_task(generations[key].iter_rows(named=True)),
                by_task(executions[key].iter_rows(named=True)),
                gold,
                task_rows,
                bank,
                bench,
                report,
            )
        )
        classes = frames[key]["failure_class"].drop_nulls().value_counts(sort=True)
        context.add_asset_metadata(
            describe(
                frames[key],
                ["task_id", "level", "correct", "failure_class", "failure_detail", "mismatch"],
                correct=int(frames[key]["correct"].sum()),
                correct_ignoring_names=int(frames[key]["correct_ignoring_names"].sum()),
                failure_classes=dg.MetadataValue.md(markdown(classes)),
                dataset_hash=joint_hash(frames[key]),
                elapsed_s=monotonic() - started,
            ),
            partition_key=key,
        )
    return frames


def _validate(
    subject: str,
    answers: Mapping[str, Row],
    executions: Mapping[str, Row],
    gold: Mapping[str, Gold],
    tasks: Mapping[str, Row],
    bank: Bank,
    bench: Bench,
    report: Report,
) -> list[dict[str, Any]]:
    """The rows of one partition; `subject` names it in the progress."""
    unjudged = [task for task, row in executions.items() if row["status"] in INFRASTRUCTURE]
    if unjudged:
        reason = executions[unjudged[0]]["error_message"]
        raise UnjudgedError(
            f"{', '.join(unjudged)}: the sandbox failed, not the code ({reason}); "
            "see `darkwood doctor`, then run again"
        )
    results = result_store(bench.settings)
    rows = []
    for task_id, execution in executions.items():
        report(Progress("validations", subject, len(rows), len(executions)))
        answer = answers[task_id]
        outcome = Outcome(execution["status"], execution["error_class"], execution["error_message"])
        result = results.get(execution["result_hash"]) if outcome.status == "ok" else None
        verdict = judge(answer["code"], outcome, result, gold[task_id])
        efficiency = (
            measured(answer["code"], tasks[task_id], bank, bench.settings)
            if verdict.correct
            else None
        )
        rows.append(
            validation_row(
                answer["generation_id"],
                task_id,
                tasks[task_id]["dataset_hash"],
                answer["code"],
                outcome,
                verdict,
                efficiency,
            )
        )
    report(Progress("validations", subject, len(rows), len(rows)))
    return rows


def _gold(task: Row, frame: pl.DataFrame, bank: Bank) -> Gold:
    tables = {name: list(columns) for name, columns in bank.schemas_of(task).items()}
    return Gold(frame, task["order_by"], tables, task["ignore_names"])
