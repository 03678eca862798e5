"""A check that shows partitions which are not whole: answers that are errors, and how many."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
import polars as pl

from darkwood_bench.assets.metadata import markdown
from darkwood_bench.partitions import GRID
from darkwood_bench.tables import GENERATIONS, TASKS

NAME = "answered"


@dg.asset_check(
    asset=GENERATIONS.name,
    name=NAME,
    partitions_def=GRID,
    additional_ins={"tasks": dg.AssetIn(TASKS.name)},
    description="Every task that was asked has an answer: none was stopped for its cost, and no "
    "worker or server failed. Where some have none it warns; where all have none it is an error.",
)
def answered(
    context: dg.AssetCheckExecutionContext, generations: Any, tasks: pl.DataFrame
) -> dg.AssetCheckResult:
    """Once for the run, and once for each of its partitions where it has several.

    Dagster keeps one result of a check a run; the others are reported beside it.
    """
    parts: Mapping[str, pl.DataFrame] = generations
    n_tasks = tasks.filter(pl.col("split") == "test").height
    if len(parts) > 1:
        for partition, frame in parts.items():
            found = verdict({partition: frame}, n_tasks)
            evaluation = dg.AssetCheckEvaluation(
                asset_key=dg.AssetKey(GENERATIONS.name),
                check_name=NAME,
                passed=found.passed,
                severity=found.severity,
                description=found.description,
                metadata=found.metadata,
                partition=partition,
            )
            context.instance.report_dagster_event(
                dg.DagsterEvent(
                    dg.DagsterEventType.ASSET_CHECK_EVALUATION.value,
                    context.run.job_name,
                    event_specific_data=evaluation,
                ),
                run_id=context.run.run_id,
            )
    return verdict(parts, n_tasks)


def verdict(parts: Mapping[str, pl.DataFrame], n_tasks: int) -> dg.AssetCheckResult:
    """What the check says of some partitions' generations; `n_tasks` are the bank's test tasks."""
    answers = pl.concat(
        frame.group_by("task_id", maintain_order=True).last().with_columns(partition=pl.lit(part))
        for part, frame in parts.items()
    )
    errors: dict[str, Any] = {}
    failed = answers.filter(pl.col("error").is_not_null())
    kinds = failed.group_by("partition", "error_kind").len("answers").sort(pl.all())
    asked, without = answers.height, failed.height
    if without:
        errors["first error"] = str(failed["error"].first())
        errors["errors by kind"] = dg.MetadataValue.md(markdown(kinds))
    said = f"{asked - without} of {asked} asked were answered"
    if without:
        said += f"; the others: {', '.join(sorted(set(failed['error_kind'].drop_nulls())))}"
    return dg.AssetCheckResult(
        passed=without == 0,
        severity=dg.AssetCheckSeverity.ERROR if without == asked else dg.AssetCheckSeverity.WARN,
        description=said,
        metadata={
            "asked": asked,
            "answered": asked - without,
            "errors": without,
            "test tasks in the bank": n_tasks,
            **errors,
        },
    )
