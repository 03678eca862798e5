"""Accepting a score as the baseline from the UI: a job to launch with the partitions' names."""

import dagster as dg
from pydantic import Field

from darkwood_bench.resources import Bench
from darkwood_bench.score_history import UnknownScore, find_score
from darkwood_bench.watch import accept


class Acceptance(dg.Config):
    """Which scores become baselines."""

    scores: list[str] = Field(
        description="MODEL/VARIANT for a partition's newest score, MODEL/VARIANT@2026-11-23 for "
        "the newest until then, or a score's id (`darkwood history`)."
    )
    note: str = Field(default="", description="Why, for whoever asks later.")
    by: str = Field(default="somebody in the UI", description="Who accepts them.")


@dg.op
def accept_as_baseline(
    context: dg.OpExecutionContext, config: Acceptance, bench: dg.ResourceParam[Bench]
) -> None:
    """All of the scores, or none where one is not known."""
    tables = bench.settings.tables
    try:
        rows = [find_score(tables, reference) for reference in config.scores]
    except UnknownScore as error:
        raise dg.Failure(f"scores: {error}", allow_retries=False) from error
    for row in rows:
        accept(tables, row, config.by, config.note)
        context.log.info(
            f"{row['model']}/{row['prompt_variant']}: accepted {row['score_id'][:8]}, "
            f"{row['N']} of {row['n_tasks']} in {row['T']:.1f} s"
        )


@dg.job(description="Make scores the ones that later scores of their partitions are held against.")
def accept_scores() -> None:
    """One op, so that the launchpad asks for nothing but names."""
    accept_as_baseline()
