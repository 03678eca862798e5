"""The course of a system's score, and what changed beneath it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from darkwood_bench.report.contents import Row, System
from darkwood_bench.report.figures import Moment

_VERSIONED = {
    "weights_sha256": "weights",
    "prompt_variant_hash": "prompt variant",
    "dataset_hash": "dataset",
    "backend": "backend",
    "versions": "library versions",
    "device": "device",
    "budgets": "budgets",
    "isolation_level": "isolation",
}
"""Columns of a score that it depends on beside model and variant, in words."""
_LONGEST = 60


@dataclass(frozen=True)
class Step:
    """One score, and how it came to be another one than before."""

    row: Row
    """Of the table `scores`."""
    changes: tuple[str, ...]
    """What it depends on and the one before did not have so, in words."""
    mark: int | None
    """Its number among the steps with changes; None without any."""


@dataclass(frozen=True)
class Course:
    """A system's scores, oldest first."""

    name: str
    column: str
    """The figure that is followed: the Score, or accuracy where memory is not known."""
    steps: tuple[Step, ...]

    @property
    def moments(self) -> list[Moment]:
        """The steps at which the figure was known."""
        found = []
        for step in self.steps:
            names = (self.column, f"{self.column}_low", f"{self.column}_high")
            value, low, high = (step.row[name] for name in names)
            if value is not None:
                low, high = (value if end is None else end for end in (low, high))
                found.append(Moment(step.row["scored_at"], value, low, high, step.mark))
        return found


def course(system: System) -> Course:
    """The scores that are kept of a system, with what changed from each to the next."""
    steps: list[Step] = []
    marks = 0
    for row in system.history:
        changes = tuple(_changes(steps[-1].row, row)) if steps else ()
        marks += bool(changes)
        steps.append(Step(row, changes, marks if changes else None))
    if any(row["score"] is not None for row in system.history):
        return Course("Score", "score", tuple(steps))
    return Course("Accuracy", "accuracy", tuple(steps))


def _changes(before: Row, row: Row) -> Iterator[str]:
    """What a score depends on and the one before did not have so."""
    for column, name in _VERSIONED.items():
        if before[column] != row[column]:
            old, new = (str(one[column]) for one in (before, row))
            if column == "versions":
                old, new = _libraries(old, new)
            yield f"{name}: {_short(old)} → {_short(new)}"


def _libraries(old: str, new: str) -> tuple[str, str]:
    """Of two JSON objects of versions, what differs."""
    try:
        one, other = json.loads(old), json.loads(new)
        names = [name for name in {**one, **other} if one.get(name) != other.get(name)]
    except (ValueError, AttributeError, TypeError):
        return old, new
    return tuple(  # type: ignore[return-value]
        ", ".join(f"{name} {found.get(name, 'none')}" for name in names) for found in (one, other)
    )


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
