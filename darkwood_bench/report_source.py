"""What the report shows, read from the tables of a store and joined: no run, no model, no sandbox.

The board says which systems there are, and which generation answers each of their tasks. A system
whose other tables belong to later answers (a run is under way, or was stopped) is shown with its
score and without its answers, and says so.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Any

import polars as pl

from darkwood_bench.progress import Progress, Report, silent
from darkwood_bench.report import (
    GROUP,
    Answer,
    Contents,
    Effect,
    ReportError,
    System,
    Task,
    time_parts,
    writing_pace,
)
from darkwood_bench.score_history import past_scores
from darkwood_bench.scoring import Interval, compare_scores
from darkwood_bench.settings import Settings
from darkwood_bench.storage import read_table
from darkwood_bench.tables import LEADERBOARD, SCORES
from darkwood_bench.tasks.checking import BASE

Row = dict[str, Any]
PARTITIONED = ("prompts", "generations", "executions", "validations", "differences")
_NEEDED = ("prompts", "generations", "executions", "validations")
HISTORY = 60
"""Scores of a system that are shown, the newest."""


def report_folder(settings: Settings) -> Path:
    """Where the report is: `index.html` and what it links to. It may not be there yet.

    Whoever serves it needs no more than to serve this folder's files under some path. It is
    replaced whole, so a server must look for the folder anew for each file.
    """
    return settings.store / "report"


def variant_order(settings: Settings) -> list[str]:
    """The prompt variants in the registry's order. Raises VariantError for a wrong file."""
    from darkwood_bench.prompting import load_variants

    return list(load_variants(settings.variants))


@dataclass(frozen=True)
class _Partition:
    """One system's tables."""

    board: Row
    frames: Mapping[str, pl.DataFrame | None]
    missing: str | None


def read_contents(
    tables: str,
    *,
    baseline: str | None = None,
    variants: Sequence[str] = (),
    report: Report = silent,
) -> Contents:
    """Everything that a report of the store at `tables` shows.

    `variants`: prompt variants in the registry's order, the first of which is the baseline where
    none is given and several would do.
    Raises ReportError where there is no leaderboard or the baseline is of no system, TableError for
    a table's file that is damaged.
    """
    board = read_table(tables, LEADERBOARD.name)
    if board is None or board.is_empty():
        raise ReportError("there is no leaderboard yet; make one with `darkwood run --quick`")
    if board.columns != list(LEADERBOARD.columns):
        raise ReportError(
            "the leaderboard was made by another version; make it again with `darkwood run`"
        )
    rows = board.to_dicts()
    history = _history(tables)
    systems: list[System] = []
    answers: dict[str, list[Answer]] = defaultdict(list)
    for number, row in enumerate(rows):
        name = f"{row['model']} {row['prompt_variant']}"
        report(Progress("report", "reading", number, len(rows), unit="system", note=name))
        partition = _partition(tables, row)
        systems.append(_system(tables, partition, history))
        if partition.missing is None:
            for task_id, answer in _answers(partition):
                answers[task_id].append(answer)
    report(Progress("report", "reading", len(rows), len(rows), unit="system"))
    effects, chosen = _effects(rows, baseline, variants, report)
    return Contents(systems, list(_tasks(tables, answers)), effects, chosen)


def _partition(tables: str, row: Row) -> _Partition:
    cell = row["model"], row["prompt_variant"]
    frames = {name: read_table(tables, name, *cell) for name in PARTITIONED}
    return _Partition(row, frames, _missing(row, frames))


def _missing(row: Row, frames: Mapping[str, pl.DataFrame | None]) -> str | None:
    """Why a system's answers cannot be shown."""
    if absent := [name for name in _NEEDED if frames[name] is None]:
        return f"its tables {', '.join(absent)} are not in the store"
    scored = dict(zip(row["task_ids"], row["generation_ids"], strict=True))
    for name in ("generations", "executions", "validations"):
        frame = frames[name]
        assert frame is not None
        if dict(frame.select("task_id", "generation_id").iter_rows()) != scored:
            return f"its {name} were made again since it was scored; run it to the end"
    return None


def _system(
    tables: str, partition: _Partition, history: Mapping[tuple[str, ...], list[Row]]
) -> System:
    row, frames = partition.board, partition.frames
    cell = row["model"], row["prompt_variant"]
    scores, runs = (read_table(tables, name, *cell) for name in ("scores", "runs"))
    parts = []
    if scores is not None and scores.columns == list(SCORES.columns):
        parts = scores.filter(pl.col("category") != "all").to_dicts()
    run = runs.row(0, named=True) if runs is not None and not runs.is_empty() else None
    if run is not None and run["dagster_run_id"] != row["dagster_run_id"]:
        run = None
    failures: Counter[str] = Counter()
    slips: Counter[tuple[str, str]] = Counter()
    time = pace = None
    if partition.missing is None:
        validations, generations = frames["validations"], frames["generations"]
        assert validations is not None
        assert generations is not None
        wrong = validations.filter(~pl.col("correct"))
        failures.update(wrong["failure_class"])
        details = wrong.filter(pl.col("failure_detail").is_not_null())
        slips.update(details.select("failure_class", "failure_detail").iter_rows())
        time, pace = time_parts(generations), writing_pace(generations)
    return System(
        board=row,
        parts=parts,
        run=run,
        time=time,
        pace=pace,
        failures=failures,
        slips=slips,
        history=history.get((*cell, row["slice"], row["mode"]), [])[-HISTORY:],
        missing=partition.missing,
    )


def _history(tables: str) -> dict[tuple[str, ...], list[Row]]:
    """Kept scores by model, variant, slice and mode, oldest first."""
    found: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in past_scores(tables):
        found[row["model"], row["prompt_variant"], row["slice"], row["mode"]].append(row)
    return found


def _answers(partition: _Partition) -> Iterator[tuple[str, Answer]]:
    """A system's answers by task."""
    frames = partition.frames
    prompts = {
        (row["task_id"], row["prompt_id"]): row["messages"] for row in _rows(frames["prompts"])
    }
    attempts: dict[str, list[Row]] = defaultdict(list)
    for row in _rows(frames["generations"]):
        attempts[row["task_id"]].append(row)
    verdicts = {row["task_id"]: row for row in _rows(frames["validations"])}
    differences = {
        (row["task_id"], row["generation_id"]): row for row in _rows(frames["differences"])
    }
    executions = _deciding(frames["executions"], frames["validations"])
    for task_id, generation_id in zip(
        partition.board["task_ids"], partition.board["generation_ids"], strict=True
    ):
        made = attempts[task_id]
        yield (
            task_id,
            Answer(
                model=partition.board["model"],
                variant=partition.board["prompt_variant"],
                messages=prompts.get((task_id, made[0]["prompt_id"]), []),
                attempts=made,
                verdict=verdicts[task_id],
                execution=executions.get(task_id),
                difference=differences.get((task_id, generation_id)),
            ),
        )


def _deciding(executions: pl.DataFrame | None, validations: pl.DataFrame | None) -> dict[str, Row]:
    """By task, the execution that made the verdict."""
    if executions is None or validations is None:
        return {}
    caught = pl.col("caught_by").list.first().fill_null(BASE)
    wanted = validations.select("task_id", data_variant=caught)
    found = executions.join(wanted, on=["task_id", "data_variant"], how="semi")
    return {row["task_id"]: row for row in found.iter_rows(named=True)}


def _rows(frame: pl.DataFrame | None) -> list[Row]:
    return [] if frame is None else frame.to_dicts()


def _tasks(tables: str, answers: Mapping[str, list[Answer]]) -> Iterator[Task]:
    """Tasks that were asked, by suite and name."""
    frame = read_table(tables, "tasks")
    rows = {row["task_id"]: row for row in _rows(frame)}
    for task_id in sorted(answers):
        if task_id in rows:
            yield Task(rows[task_id], sorted(answers[task_id], key=lambda answer: answer.model))


def _effects(
    rows: Sequence[Row], baseline: str | None, variants: Sequence[str], report: Report
) -> tuple[dict[str, list[Effect]], str | None]:
    """Every variant against every other of its model, by baseline; and the baseline shown first."""
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["model"], *(row[name] for name in GROUP)].append(row)
    pairs = [pair for group in groups.values() for pair in permutations(group, 2)]
    effects: dict[str, list[Effect]] = defaultdict(list)
    for number, (base, other) in enumerate(pairs):
        report(Progress("report", "comparing", number, len(pairs), unit="pair"))
        effects[base["prompt_variant"]].append(_effect(base, other))
    if pairs:
        report(Progress("report", "comparing", len(pairs), len(pairs), unit="pair"))
    if baseline is not None and baseline not in effects:
        known = ", ".join(sorted(effects)) or "none: no model has two variants on the same tasks"
        raise ReportError(f"--baseline {baseline}: nothing to compare with it; there are {known}")
    if not effects:
        return {}, None
    order = {name: place for place, name in enumerate(variants)}
    usual = min(effects, key=lambda name: (-len(effects[name]), order.get(name, len(order)), name))
    return effects, baseline or usual


def _effect(base: Row, other: Row) -> Effect:
    found = compare_scores(base, other)
    return Effect(
        model=base["model"],
        variant=other["prompt_variant"],
        group=f"{base['slice']}, {base['mode']}",
        common=found.paired.common,
        right=found.n_b,
        right_baseline=found.n_a,
        gained=found.paired.gained,
        lost=found.paired.lost,
        p_value=found.paired.p_value,
        time_ratio=_with_ends(found.time_ratio, found.time_ratio_interval),
        score_ratio=_with_ends(found.score_ratio, found.score_ratio_interval),
    )


def _with_ends(
    value: float | None, interval: Interval | None
) -> tuple[float | None, float | None, float | None]:
    return (value, interval.low, interval.high) if interval else (value, None, None)
