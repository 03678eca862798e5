"""The verdict on one answer: correct or not, why not, how well it uses the engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from darkwood_bench.validation.compare import compare_frames
from darkwood_bench.validation.failure import Columns, Outcome, classify
from darkwood_bench.validation.levels import level
from darkwood_bench.validation.quality import quality_flags


@dataclass(frozen=True)
class Gold:
    """What a task's answer is held against."""

    frame: pl.DataFrame
    order_by: Sequence[str]
    """Gold columns that fix the order of rows; empty when any order is right."""
    tables: Columns
    """The tables that the code was given, and their columns."""
    ignore_names: bool = False
    """Whether columns are matched by content: the question names none."""


@dataclass(frozen=True)
class Verdict:
    """Everything about an answer but its efficiency."""

    correct: bool
    correct_ignoring_names: bool
    mismatch: str | None
    failure_class: str | None
    failure_detail: str | None
    quality_flags: tuple[str, ...]


@dataclass(frozen=True)
class Efficiency:
    """Cost of a correct answer over gold's, both measured in one go."""

    cpu_ratio: float
    memory_ratio: float


def judge(code: str | None, outcome: Outcome, result: pl.DataFrame | None, gold: Gold) -> Verdict:
    """The verdict on code that ended as `outcome` with `result`, a frame where it ended ok.

    Raises ValueError for an outcome that says nothing of the code (infrastructure).
    """
    mismatch = same_content = None
    if outcome.status == "ok":
        assert result is not None
        mismatch = compare_frames(
            result, gold.frame, order_by=gold.order_by, ignore_names=gold.ignore_names
        )
        same_content = mismatch and compare_frames(
            result, gold.frame, order_by=gold.order_by, ignore_names=True
        )
    failure = classify(code, outcome, mismatch, gold.tables)
    return Verdict(
        correct=failure is None,
        correct_ignoring_names=outcome.status == "ok" and same_content is None,
        mismatch=mismatch.message if mismatch else None,
        failure_class=failure.failure_class if failure else None,
        failure_detail=failure.detail if failure else None,
        quality_flags=quality_flags(code) if code is not None else (),
    )


def validation_row(
    generation_id: str,
    task_id: str,
    dataset_hash: str,
    code: str | None,
    outcome: Outcome,
    verdict: Verdict,
    efficiency: Efficiency | None,
) -> dict[str, Any]:
    """A row of `tables.VALIDATIONS`; `efficiency` is None unless the answer is correct."""
    cpu_ratio = efficiency.cpu_ratio if efficiency else None
    return {
        "generation_id": generation_id,
        "task_id": task_id,
        "level": level(code, outcome, verdict.correct, cpu_ratio, verdict.quality_flags),
        "correct": verdict.correct,
        "correct_ignoring_names": verdict.correct_ignoring_names,
        "mismatch": verdict.mismatch,
        "failure_class": verdict.failure_class,
        "failure_detail": verdict.failure_detail,
        "quality_flags": list(verdict.quality_flags),
        "dataset_hash": dataset_hash,
        "cpu_ratio_to_gold": cpu_ratio,
        "memory_ratio_to_gold": efficiency.memory_ratio if efficiency else None,
    }
