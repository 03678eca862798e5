"""Stage 4: run the code, isolated, without the gold answer."""

from collections.abc import Iterable, Mapping
from time import monotonic
from typing import Any

import dagster as dg
import polars as pl

from darkwood_bench.assets.bank import Bank, by_task, open_bank
from darkwood_bench.assets.metadata import asset_options, describe, logged, markdown
from darkwood_bench.partitions import GRID, POOL, by_model, cells
from darkwood_bench.progress import Report
from darkwood_bench.resources import Bench
from darkwood_bench.sandbox import HERE, ExecutionJob, Limits, Runner, execute_all
from darkwood_bench.settings import Settings
from darkwood_bench.stores import open_journal, open_results
from darkwood_bench.tables import EXECUTIONS
from darkwood_bench.tasks import BASE

Row = Mapping[str, Any]

WHY = """
Each answer's code, run in the sandbox over the base data and, if it ran there, over each variant of
it. The sandbox has tables and code, and no gold: what it reports cannot be a verdict. Results are
kept by the hash of their content.
"""


@dg.asset(
    partitions_def=GRID,
    backfill_policy=dg.BackfillPolicy.single_run(),
    pool=POOL,
    **asset_options(
        EXECUTIONS, "4_execute", {"polars", "python"}, owner="sandbox", version="1", why=WHY
    ),
)
def executions(
    context: dg.AssetExecutionContext,
    bench: dg.ResourceParam[Bench],
    tasks: pl.DataFrame,
    generations: dict[str, pl.DataFrame],
) -> dict[str, pl.DataFrame]:
    """What each answer's code did on the base data and, where it ran there, on each variant.

    Code that fails on the base data is wrong already.
    """
    started = monotonic()
    report = logged(context, bench.report)
    bank = open_bank(bench.settings, report)
    task_rows = by_task(tasks.iter_rows(named=True))
    answers = {key: by_task(generations[key].iter_rows(named=True)) for key in cells(context)}

    def run(
        model: str, trials: Iterable[tuple[str, str, str]], subject: str
    ) -> list[tuple[str, Row]]:
        """Rows of some trials (partition, task, data variant), each beside its partition."""
        asked = list(trials)
        jobs = [
            execution_job(
                answers[key][task]["generation_id"],
                answers[key][task]["code"],
                task_rows[task],
                bank,
                data_variant,
            )
            for key, task, data_variant in asked
        ]
        rows = execute(jobs, bench.settings, report, subject, model)
        return [(key, row) for (key, *_), row in zip(asked, rows, strict=True)]

    rows: list[tuple[str, Row]] = []
    for model, of_model in by_model(cells(context).values()).items():
        keys = [str(cell) for cell in of_model]
        on_base = run(model, ((key, task, BASE) for key in keys for task in answers[key]), model)
        on_variants = run(
            model,
            (
                (key, row["task_id"], name)
                for key, row in on_base
                if row["status"] == "ok"
                for name in bank.variants[task_rows[row["task_id"]]["suite"]]
            ),
            f"{model}, data variants",
        )
        rows += [*on_base, *on_variants]
    frames = {key: EXECUTIONS.frame(row for of, row in rows if of == key) for key in cells(context)}
    for key, frame in frames.items():
        on_base = frame.filter(pl.col("data_variant") == BASE)
        suites = sorted({task_rows[task]["suite"] for task in answers[key]})
        context.add_asset_metadata(
            describe(
                frame,
                ["task_id", "data_variant", "status", "error_class", "error_message", "rows"],
                statuses=dg.MetadataValue.md(markdown(on_base["status"].value_counts(sort=True))),
                ok=int((on_base["status"] == "ok").sum()),
                runs_over_variants=frame.height - on_base.height,
                isolation_level=", ".join(sorted(frame["isolation_level"].unique())),
                tables_hashes={suite: bank.table_hashes[suite] for suite in suites},
                elapsed_s=monotonic() - started,
            ),
            partition_key=key,
        )
    return frames


def execution_job(
    generation_id: str, code: str | None, task: Mapping[str, Any], bank: Bank, data_variant: str
) -> ExecutionJob:
    """One program over the tables of one task, in one data variant."""
    return ExecutionJob(
        generation_id=generation_id,
        task_id=task["task_id"],
        code=code,
        tables=bank.tables_of(task, data_variant),
        tables_hash=bank.tables_hash(task["suite"], data_variant),
        data_variant=data_variant,
    )


def execute(
    jobs: Iterable[ExecutionJob], settings: Settings, report: Report, subject: str, whose: str
) -> list[dict[str, Any]]:
    """Run jobs, or take what the journal has of them: identical code over the same data is one.

    They run where the settings say: here, or over a Ray cluster. `whose` names the journal: a
    model, or gold. Each has one of its own, for with all of them in one every run would read every
    model's.
    """
    with (
        open_journal(settings, f"executions/{whose}", "execution_key") as journal,
        open_results(settings) as results,
    ):
        rows = execute_all(
            list(jobs),
            journal=journal,
            results=results,
            limits=Limits(),
            runner=_runner(settings),
            min_isolation=settings.min_isolation,
            report=report,
            subject=subject,
        )
        journal.compact()
        return rows


def _runner(settings: Settings) -> Runner:
    if settings.executions == "local":
        return HERE
    from darkwood_bench.cluster.executions import RayNodes

    return RayNodes()
