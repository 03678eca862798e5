"""A system's page: its figures, its course over time, and every answer with its verdict."""

from collections.abc import Sequence
from typing import Any

from darkwood_bench.report.contents import Answer, System, Task
from darkwood_bench.report.course import course
from darkwood_bench.report.figures import timeline
from darkwood_bench.tables import FAILURE_CLASSES

_SIZES = {"wide": (860, 240), "narrow": (340, 220)}


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
    """The values of the part over time, newest first."""
    found = course(system)
    moments = found.moments
    figures = []
    if len(moments) > 1:
        figures = [
            {"kind": kind, "svg": timeline(moments, *size, f"history-{kind}", found.name)}
            for kind, size in _SIZES.items()
        ]
    names = ("score_id", "N", "n_tasks", "T", "score", "score_low", "score_high")
    rows = [
        {
            **{name: step.row[name] for name in names},
            "at": f"{step.row['scored_at']:%Y-%m-%d %H:%M}",
            "mark": step.mark,
            "changes": step.changes,
        }
        for step in reversed(found.steps)
    ]
    return {"history": rows, "history_figures": figures}
