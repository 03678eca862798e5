"""The Dagster entry point: nothing but wiring."""

import dagster as dg

from darkwood_bench.answer_checks import answered
from darkwood_bench.assets.differences import differences
from darkwood_bench.assets.executions import executions
from darkwood_bench.assets.generations import generate
from darkwood_bench.assets.prompts import prompts
from darkwood_bench.assets.report import report
from darkwood_bench.assets.scores import leaderboard, scores
from darkwood_bench.assets.slices import RunConfig
from darkwood_bench.assets.sources import SOURCES
from darkwood_bench.assets.tasks import tasks
from darkwood_bench.assets.validations import validations
from darkwood_bench.automation import benchmark, dead_runs, nightly, report_pages, stage_jobs
from darkwood_bench.bank_checks import BANK_CHECKS
from darkwood_bench.baseline_job import accept_scores
from darkwood_bench.checks import CONTRACT_CHECKS
from darkwood_bench.code_links import with_code_links
from darkwood_bench.purge_job import purge_daily, purge_runs
from darkwood_bench.regression_sensor import failed_nights, no_regression, regressions
from darkwood_bench.resources import Bench, ParquetTables
from darkwood_bench.settings import settings_from_env
from darkwood_bench.stale_cells import refresh, watch_sources
from darkwood_bench.watch import Alerts

ASSETS = [
    tasks,
    prompts,
    generate,
    executions,
    validations,
    differences,
    scores,
    leaderboard,
    report,
]


def build_definitions(bench: Bench) -> dg.Definitions:
    """Everything that Dagster knows of the project, over the given surroundings."""
    return dg.Definitions(
        assets=with_code_links([*SOURCES, *ASSETS]),
        asset_checks=[*CONTRACT_CHECKS, *BANK_CHECKS, answered, no_regression],
        jobs=[benchmark, *stage_jobs, report_pages, accept_scores, purge_runs],
        schedules=[nightly, purge_daily],
        sensors=[dead_runs, regressions, failed_nights, watch_sources, refresh],
        resources={
            "bench": bench,
            "asking": RunConfig(),
            "alerts": Alerts.from_env(),
            "io_manager": ParquetTables(
                base=bench.settings.tables, store=str(bench.settings.store)
            ),
        },
        # A step in a process of its own costs seconds; a stage runs its work in parallel itself.
        executor=dg.in_process_executor,
    )


defs = build_definitions(Bench(settings_from_env()))
