"""Stage 5: is it right, and is it efficient. Gold is run here, away from the executions."""

from collections.abc import Iterator, Mapping, Sequence
from time import monotonic
from typing import Any

import dagster as dg
import polars as pl

from darkwood_bench.assets.bank import Bank, by_task, joint_hash, open_bank
from darkwood_bench.assets.consistency import require_same_answers, require_same_data
from darkwood_bench.assets.efficiency import Measurements, measured, measurements
from darkwood_bench.assets.gold import GoldError, require_gold, run_gold
from darkwood_bench.assets.metadata import asset_options, describe, logged, markdown
from darkwood_bench.partitions import GRID, POOL, cells
from darkwood_bench.progress import Progress, Report
from darkwood_bench.resources import Bench
from darkwood_bench.sandbox import ResultStore
from darkwood_bench.stores import open_results
from darkwood_bench.tables import VALIDATIONS
from darkwood_bench.tasks import BASE
from darkwood_bench.validation import (
    INFRASTRUCTURE,
    Outcome,
    Rules,
    Trial,
    judge,
    validation_row,
)

Row = Mapping[str, Any]
GoldResults = Mapping[tuple[str, str], pl.DataFrame | GoldError]
"""By task id and data variant."""


class UnjudgedError(Exception):
    """Executions failed for reasons that say nothing of the code; they must be done again."""


WHY = """
A verdict for each answer: its level (0 no code, 1 parses, 2 runs, 3 correct, 4 correct and as fast
as gold), the class of its failure, and the data variants that told it from gold. Gold is run here,
where no model's code is.
"""


@dg.asset(
    partitions_def=GRID,
    backfill_policy=dg.BackfillPolicy.single_run(),
    pool=POOL,
    **asset_options(
        VALIDATIONS, "5_validate", {"polars", "python"}, owner="validation", version="1", why=WHY
    ),
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
    tried = {
        pair
        for frame in executions.values()
        for pair in frame.select("task_id", "data_variant").iter_rows()
    }
    gold = run_gold(sorted(tried), task_rows, bank, bench.settings, report)
    require_gold(gold)
    for (task, variant), error in gold.items():
        if isinstance(error, GoldError):
            context.log.warning(
                f"{task} is not judged on {variant}: its gold fails there ({error})"
            )
    frames = {}
    for key, cell in cells(context).items():
        started = monotonic()
        require_same_answers(key, generations[key], executions[key])
        require_same_data(key, executions[key], bank.tables_hash)
        with open_results(bench.settings) as results, measurements(bench.settings) as known:
            rows = _validate(
                f"{cell.model} {cell.variant}",
                by_task(generations[key].iter_rows(named=True)),
                _by_task(executions[key]),
                gold,
                task_rows,
                bank,
                results,
                known,
                report,
            )
        frames[key] = VALIDATIONS.frame(rows)
        classes = frames[key]["failure_class"].drop_nulls().value_counts(sort=True)
        context.add_asset_metadata(
            describe(
                frames[key],
                ["task_id", "level", "correct", "failure_class", "failure_detail", "mismatch"],
                correct=int(frames[key]["correct"].sum()),
                base_only=int((frames[key]["correct_on_base"] & ~frames[key]["correct"]).sum()),
                caught_by=dg.MetadataValue.md(markdown(_catches(frames[key]))),
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
    executions: Mapping[str, Sequence[Row]],
    gold: GoldResults,
    tasks: Mapping[str, Row],
    bank: Bank,
    results: ResultStore,
    known: Measurements,
    report: Report,
) -> list[dict[str, Any]]:
    """The rows of one partition; `subject` names it in the progress."""
    _require_judgeable(executions)
    rows = []
    for task_id, runs in executions.items():
        report(Progress("validations", subject, len(rows), len(executions)))
        answer, task = answers[task_id], tasks[task_id]
        code = answer["code"]
        verdict = judge(code, _trials(runs, gold, results), _rules(task, bank))
        efficiency = measured(code, task, bank, known) if verdict.correct else None
        rows.append(
            validation_row(
                answer["generation_id"],
                task_id,
                task["dataset_hash"],
                bank.variants_hash(task["suite"]),
                code,
                _outcome(runs[0]),
                verdict,
                efficiency,
            )
        )
    report(Progress("validations", subject, len(rows), len(rows)))
    return rows


def _require_judgeable(executions: Mapping[str, Sequence[Row]]) -> None:
    """Raises UnjudgedError where an execution failed for reasons that say nothing of the code."""
    unjudged = {
        task: row["error_message"]
        for task, rows in executions.items()
        for row in rows
        if row["status"] in INFRASTRUCTURE
    }
    if unjudged:
        reason = next(iter(unjudged.values()))
        raise UnjudgedError(
            f"{', '.join(unjudged)}: the sandbox failed, not the code ({reason}); "
            "see `darkwood doctor`, then run again"
        )


def _trials(runs: Sequence[Row], gold: GoldResults, results: ResultStore) -> Iterator[Trial]:
    """An answer's runs beside gold's, the base first; results are read as they are wanted."""
    for run in runs:
        expected = gold[run["task_id"], run["data_variant"]]
        if isinstance(expected, pl.DataFrame):
            outcome = _outcome(run)
            result = results.get(run["result_hash"]) if outcome.status == "ok" else None
            yield Trial(run["data_variant"], outcome, result, expected)


def _outcome(run: Row) -> Outcome:
    return Outcome(run["status"], run["error_class"], run["error_message"])


def _rules(task: Row, bank: Bank) -> Rules:
    tables = {name: list(columns) for name, columns in bank.schemas_of(task).items()}
    return Rules(task["order_by"], tables, task["ignore_names"])


def _by_task(executions: pl.DataFrame) -> dict[str, list[Row]]:
    """Each task's runs, that over the base data first."""
    runs: dict[str, list[Row]] = {}
    for row in executions.iter_rows(named=True):
        of_task = runs.setdefault(row["task_id"], [])
        of_task.insert(0 if row["data_variant"] == BASE else len(of_task), row)
    return runs


def _catches(validations: pl.DataFrame) -> pl.DataFrame:
    """How many answers that are right on the base data each variant told from gold."""
    caught = validations.select(pl.col("caught_by").explode(empty_as_null=False))
    return caught["caught_by"].value_counts(sort=True)
