"""Jobs for a person to launch, and the schedule that launches them by night."""

from collections.abc import Iterator

import dagster as dg

from darkwood_bench.cluster.resources import kubernetes_tag
from darkwood_bench.dead_runs import end_dead_runs
from darkwood_bench.harness import load_models
from darkwood_bench.pairing import grid_variants, variants_for
from darkwood_bench.partitions import GRID, Cell, contiguous, range_tags
from darkwood_bench.prompting import load_variants, usual_variants
from darkwood_bench.settings import settings_from_env
from darkwood_bench.tables import SCORES, TABLES

BENCHMARK = "benchmark"

NO_REGRESSION = "no_regression"
"""The check of scores that comes after the run, from the sensor `regressions`."""
_LATER = dg.AssetSelection.checks(dg.AssetCheckKey(dg.AssetKey(SCORES.name), NO_REGRESSION))

benchmark = dg.define_asset_job(
    BENCHMARK,
    # A page for each answer would be made anew after every model of a grid.
    selection=dg.AssetSelection.all() - dg.AssetSelection.assets("report") - _LATER,
    description="Every stage, from tasks to leaderboard, for one partition or a range of them.",
)

report_pages = dg.define_asset_job(
    "report_pages",
    selection=dg.AssetSelection.assets("report"),
    description="The report, from whatever is in the tables: pages for a browser.",
)

NIGHT = "darkwood/night"
"""Run tag: the date of the night that the run is part of."""
CONFIRMS = "darkwood/confirms"
"""Run tag: the score whose loss the run is to confirm."""
BY_COMMAND = "darkwood/judged-by"
"""Run tag: the command that started the run judges its scores itself."""

STAGES = {
    "curate": ("tasks",),
    "ask": ("prompts",),
    "answer": ("generations", "runs"),
    "execute": ("executions",),
    "validate": ("validations", "differences"),
    "score": ("scores", "leaderboard"),
}
assert {table for tables in STAGES.values() for table in tables} == set(TABLES)

stage_jobs = [
    dg.define_asset_job(
        stage,
        selection=dg.AssetSelection.assets(*tables) - _LATER,
        description=f"Only {' and '.join(tables)}, from what the stage before it last wrote.",
    )
    for stage, tables in STAGES.items()
]


@dg.schedule(
    job=benchmark,
    cron_schedule="0 2 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="All tasks, all variants but ablations, one run a model. Off until switched on.",
)
def nightly(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
    """One run a model, so that its weights are loaded once for all its variants.

    Answers are made anew: a night that reused them would measure nothing.
    """
    settings = settings_from_env()
    models = load_models(settings.models)
    order = load_variants(settings.variants)
    usual = grid_variants(models, usual_variants(order))
    night = context.scheduled_execution_time.date().isoformat()
    for model, spec in models.items():
        variants = variants_for(spec, usual)
        if not all(GRID.has_partition_key(str(Cell(model, variant))) for variant in variants):
            context.log.warning(
                f"{model} is not asked tonight: the registry was edited since the UI read it; "
                "reload the code location (Deployment, Reload)"
            )
            continue
        for first, last in contiguous(variants, grid_variants(models, order)):
            yield dg.RunRequest(
                run_key=f"{night} {model} {first}",
                tags=range_tags(Cell(model, first), Cell(model, last))
                | kubernetes_tag(spec)
                | {NIGHT: night},
                run_config=run_config(quick=False, regenerate=True),
            )


@dg.sensor(
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Ends runs whose process was killed, so that their place in the pool is free.",
)
def dead_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Ask for nothing; say which runs were put away."""
    ended = end_dead_runs(context.instance)
    return dg.SkipReason(f"ended {', '.join(ended)}" if ended else "no run is dead")


def run_config(**fields: object) -> dict[str, object]:
    """Run configuration of the benchmark job; the fields are `assets.slices.RunConfig`'s."""
    return {"resources": {"asking": {"config": fields}}}
