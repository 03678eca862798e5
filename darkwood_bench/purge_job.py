"""The purge as a job, every day: what keeps the UI's SQLite small without anybody's care."""

from collections.abc import Iterator

import dagster as dg
from pydantic import Field

from darkwood_bench.purge import KEEP_DAYS, purge


class Keeping(dg.Config):
    """What stays."""

    keep_days: float = Field(
        default=KEEP_DAYS, ge=0, description="Days that finished runs' records stay."
    )


@dg.op
def purge_old_runs(context: dg.OpExecutionContext, config: Keeping) -> None:
    """Delete old runs' records; tables, scores and journals stay."""
    context.log.info(str(purge(context.instance, config.keep_days)))


@dg.job(description="Delete old runs' events, logs and output; tables, scores and journals stay.")
def purge_runs() -> None:
    """One op."""
    purge_old_runs()


@dg.schedule(
    job=purge_runs,
    cron_schedule="0 12 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description=f"Runs older than {KEEP_DAYS} days leave Dagster's storage, but for those that "
    "made some partition's newest table. At noon, when the night is over.",
)
def purge_daily() -> Iterator[dg.RunRequest]:
    """One run a day."""
    yield dg.RunRequest()
