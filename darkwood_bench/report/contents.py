"""What a report is made from: rows of the tables, joined, as plain values.

Rows are those of `darkwood_bench.tables`, whose columns say what each value is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]
SILENT = ("wrong_columns", "wrong_dtype", "wrong_row_count", "wrong_values", "wrong_order")
"""Failure classes of code that ran to its end and gave a wrong result: nobody is told."""
GROUP = ("slice", "dataset_hash", "mode", "budgets", "isolation_level")
"""Columns of the leaderboard that two rows share where they may be compared."""


@dataclass(frozen=True)
class TimeParts:
    """What one system's T is made of, in seconds; they add up to T."""

    reading: float
    """Requests to their first token: the prompt is read."""
    writing: float
    """First token to the end of the text."""
    undivided: float
    """Both, where the engine does not tell when the first token came."""
    retries: float
    """Reading and writing of second and later attempts."""
    checks: float
    """Text to final code: static repair and dry runs, of all attempts."""
    failed: float
    """Requests without an answer: stopped by a budget, or crashed."""


@dataclass(frozen=True)
class System:
    """A model under a prompt variant, as it stands on the leaderboard."""

    board: Row
    """Its row of the leaderboard."""
    parts: Sequence[Row]
    """Its rows of `scores` for single categories and difficulties."""
    run: Row | None
    """Its row of `runs`; None where another run is under way."""
    time: TimeParts | None
    """None in batched mode, where requests overlap, and where its answers are not there."""
    pace: float | None
    """Tokens a second, once an answer has begun; None where `time` is, or nothing tells."""
    failures: Mapping[str, int]
    """Wrong answers by failure class."""
    slips: Mapping[tuple[str, str], int]
    """How often a failure class came with a detail (a name that does not exist)."""
    history: Sequence[Row]
    """Every score that was kept of it over the same tasks' slice and mode, oldest first."""
    missing: str | None = None
    """Why its answers are not in the report, where they are not."""

    @property
    def model(self) -> str:
        return self.board["model"]

    @property
    def variant(self) -> str:
        return self.board["prompt_variant"]

    @property
    def silently_wrong(self) -> int:
        return sum(self.failures.get(name, 0) for name in SILENT)


@dataclass(frozen=True)
class Answer:
    """One system's answer to one task."""

    model: str
    variant: str
    messages: Sequence[Row]
    """The prompt: role and content."""
    attempts: Sequence[Row]
    """Rows of `generations`; the last is the answer."""
    verdict: Row
    """Its row of `validations`."""
    execution: Row | None
    """The row of `executions` that made the verdict."""
    difference: Row | None
    """Its row of `differences`; None where an older version judged it."""


@dataclass(frozen=True)
class Task:
    """One task and every answer to it."""

    row: Row
    """Its row of `tasks`."""
    answers: Sequence[Answer]
    """By model, then in the leaderboard's order."""


@dataclass(frozen=True)
class Effect:
    """What a prompt variant does to a model, against a baseline on the same tasks."""

    model: str
    variant: str
    group: str
    """In words: the slice and mode that both were asked in."""
    common: int
    """Tasks that both were asked."""
    right: int
    """Of these, tasks that the variant has right."""
    right_baseline: int
    gained: int
    lost: int
    p_value: float
    """McNemar's exact test."""
    time_ratio: tuple[float | None, float | None, float | None]
    """T over the baseline's, with the ends of its 95 % interval."""
    score_ratio: tuple[float | None, float | None, float | None]
    """Score likewise, memory as measured."""


@dataclass(frozen=True)
class Contents:
    """Everything that a report shows."""

    systems: Sequence[System]
    """In the leaderboard's order."""
    tasks: Sequence[Task]
    effects: Mapping[str, Sequence[Effect]]
    """By baseline."""
    baseline: str | None
    """The baseline that is shown first; None where no model has two variants."""
