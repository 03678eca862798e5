"""A system's page: its figures, its course over time, and every answer with its verdict."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from darkwood_bench.report.contents import Answer, Row, System, Task
from darkwood_bench.report.figures import Moment, timeline
from darkwood_bench.tables import FAILURE_CLASSES

_SIZES = {"wide": (860, 240), "narrow": (340, 220)}
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
class Figure:
    """A column of `scores` that is followed over time."""

    name: str
    column: str


def score_figure(system: System) -> Figure:
    """The Score; accuracy for a system whose memory nobody knows."""
    if any(row["score"] is not None for row in system.history):
        return Figure("Score", "score")
    return Figure("Accuracy", "accuracy")


def system_context(
    system: System, tasks: Sequence[tuple[Task, Answer]], unranked: str
) -> dict[str, Any]:
    """The values of its page; `tasks` are those that it answered, with its answers."""
    return {
        "board": {
            name: value
            for name, value in system.board.items()
            if not isinstance(value, list) or name == "suites"
        },
        "unranked": unranked if system.board["rank"] is None else "",
        "run": system.run,
        "missing": system.missing,
        "silent": system.silently_wrong,
        "answers": [_line(task, answer) for task, answer in tasks],
        "classes": [name for name in FAILURE_CLASSES if system.failures.get(name)],
        **history_context(system),
    }


def _line(task: Task, answer: Answer) -> dict[str, Any]:
    verdict, last = answer.verdict, answer.attempts[-1]
    return {
        "task_id": task.row["task_id"],
        "model": answer.model,
        "variant": answer.variant,
        "category": task.row["category"],
        "difficulty": task.row["difficulty"],
        "level": verdict["level"],
        "correct": verdict["correct"],
        "failure_class": verdict["failure_class"],
        "detail": verdict["failure_detail"] or "",
        "base_only": verdict["correct_on_base"] and not verdict["correct"],
        "seconds": sum(attempt["t_s"] for attempt in answer.attempts),
        "attempts": len(answer.attempts),
        "tokens": last["completion_tokens"],
        "cpu_ratio": verdict["cpu_ratio_to_gold"],
    }


def history_context(system: System) -> dict[str, Any]:
    figure = score_figure(system)
    rows, moments, number, before = [], [], 0, None
    for row in system.history:
        value = row[figure.column]
        changes = list(_changes(before, row)) if before else []
        number += bool(changes)
        rows.append(
            {
                "at": f"{row['scored_at']:%Y-%m-%d %H:%M}",
                "score_id": row["score_id"],
                **{name: row[name] for name in ("N", "n_tasks", "T", "score")},
                "score_low": row["score_low"],
                "score_high": row["score_high"],
                "mark": number if changes else None,
                "changes": changes,
            }
        )
        if value is not None:
            low, high = row[f"{figure.column}_low"], row[f"{figure.column}_high"]
            moments.append(
                Moment(
                    row["scored_at"],
                    value,
                    value if low is None else low,
                    value if high is None else high,
                    number if changes else None,
                )
            )
        before = row
    figures = []
    if len(moments) > 1:
        figures = [
            {"kind": kind, "svg": timeline(moments, *size, f"history-{kind}", figure.name)}
            for kind, size in _SIZES.items()
        ]
    return {"history": rows[::-1], "history_figures": figures, "history_of": figure.name}


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
    import json

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
