"""A night without the daemon: ask every model anew, judge what came of it, and tell of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from darkwood_bench.assets.slices import RunConfig
from darkwood_bench.automation import BY_COMMAND, CONFIRMS, NIGHT
from darkwood_bench.launch import StageFailure, run_grid
from darkwood_bench.partitions import Cell, by_model
from darkwood_bench.regeneration import named_regeneration
from darkwood_bench.regression_sensor import write_check
from darkwood_bench.resources import Bench
from darkwood_bench.score_history import newest_first
from darkwood_bench.tables import SCORES
from darkwood_bench.watch import (
    Alerts,
    State,
    Verdict,
    judge_score,
    regression_alert,
    run_failure_alert,
    watched_partitions,
)

MOST_MEASUREMENTS = 3
"""Of one partition in one night: the first, and two where its time is in doubt."""


@dataclass
class Night:
    """What a night has found."""

    verdicts: dict[Cell, Verdict] = field(default_factory=dict)
    """Of the partitions that were scored."""
    failures: dict[str, StageFailure] = field(default_factory=dict)
    """By model, what kept it from a score."""

    @property
    def worse(self) -> list[Verdict]:
        """The regressions."""
        return [found for found in self.verdicts.values() if found.state is State.WORSE]


def hold_night(
    instance: dg.DagsterInstance,
    bench: Bench,
    cells: Sequence[Cell],
    variant_order: Sequence[str],
    config: RunConfig,
    alerts: Alerts,
    say: Callable[[str], None],
) -> Night:
    """Score every partition anew and judge it; one model's failure does not stop the others.

    A night that was stopped goes on where it was when it is started again. `say` is given a line
    for each thing that is found. Raises KeyboardInterrupt when it is stopped, and TableError where
    a kept score is damaged.
    """
    night = Night()
    for model, of_model in by_model(cells).items():
        try:
            _ask(instance, bench, of_model, variant_order, config, confirms=None)
        except StageFailure as failure:
            night.failures[model] = failure
            names = f"{of_model[0]} to {of_model[-1]}"
            alerts.send(run_failure_alert(failure.run_id, names, str(failure)), say)
            continue
        # A model's, so that what is slow for a moment is measured again soon after.
        for cell in of_model:
            verdict = _judge(instance, bench, cell, len(cells), say)
            for _ in range(MOST_MEASUREMENTS - 1):
                if verdict.state is not State.SUSPECT:
                    break
                _ask(instance, bench, [cell], variant_order, config, verdict.row["score_id"])
                verdict = _judge(instance, bench, cell, len(cells), say)
            night.verdicts[cell] = verdict
    if night.worse:
        alerts.send(regression_alert(night.worse), say)
    return night


def _ask(
    instance: dg.DagsterInstance,
    bench: Bench,
    cells: Sequence[Cell],
    variant_order: Sequence[str],
    config: RunConfig,
    confirms: str | None,
) -> None:
    what: dict[str, Any] = {
        "night": [str(cell) for cell in cells],
        "config": config.model_dump(),
        "confirms": confirms,
    }
    with named_regeneration(bench.settings.store, what) as name:
        anew = config.model_copy(update={"regenerate": True, "regeneration": name})
        tags = {NIGHT: f"{datetime.now(UTC):%F}", BY_COMMAND: "darkwood nightly"}
        if confirms is not None:
            tags[CONFIRMS] = confirms
        run_grid(instance, bench, cells, variant_order, anew, tags)


def _judge(
    instance: dg.DagsterInstance, bench: Bench, cell: Cell, n_cells: int, say: Callable[[str], None]
) -> Verdict:
    tables = bench.settings.tables
    row = next(newest_first(tables, *cell))
    watched = max(len(watched_partitions(tables)), n_cells)
    verdict = judge_score(tables, row, watched, accept_first=True)
    say(verdict.line)
    written = instance.fetch_materializations(
        dg.AssetRecordsFilter(dg.AssetKey(SCORES.name), asset_partitions=[str(cell)]), limit=1
    ).records
    write_check(instance, verdict, written[0])
    return verdict
