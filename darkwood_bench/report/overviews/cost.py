"""What T is made of."""

from collections.abc import Iterator
from typing import Any

from darkwood_bench.report.contents import Contents, System, TimeParts
from darkwood_bench.report.figures import Segment, stacked_bar
from darkwood_bench.report.formats import seconds
from darkwood_bench.report.overviews.grouping import group_heading, groups

TIME_PARTS = (
    ("reading", "Prompt reading"),
    ("writing", "Writing"),
    ("undivided", "Reading and writing"),
    ("retries", "Retries"),
    ("checks", "Repair and dry runs"),
    ("failed", "Without an answer"),
)


def cost(contents: Contents) -> dict[str, Any]:
    """What T is made of, a bar a system."""
    found = []
    for identity, board, systems in groups(contents):
        longest = max((system.board["T"] for system in systems), default=0.0)
        found.append(
            {
                "id": identity,
                **group_heading(board),
                "batched": board["mode"] == "batched",
                "rows": [_cost_row(system, longest) for system in systems],
                "parts": [
                    {"name": name, "label": label}
                    for name, label in TIME_PARTS
                    if any(system.time and getattr(system.time, name) for system in systems)
                ],
            }
        )
    return {"groups": found}


def _cost_row(system: System, longest: float) -> dict[str, Any]:
    run = system.run or {}
    tokens, reused = run.get("prompt_tokens"), run.get("cached_tokens")
    time = system.time
    return {
        "model": system.model,
        "prompt_variant": system.variant,
        "T": system.board["T"],
        "n_tasks": system.board["n_tasks"],
        "load_s": system.board["load_s"],
        "parts": {} if time is None else {name: getattr(time, name) for name, _ in TIME_PARTS},
        "bar": "" if time is None else stacked_bar(list(_time_segments(time)), longest),
        "prompt_tokens": tokens,
        "cached": reused / tokens if tokens else None,
        "completion_tokens": run.get("completion_tokens"),
        "pace": system.pace,
        "why": "batched: requests share their time" if time is None and not system.missing else "",
    }


def _time_segments(time: TimeParts) -> Iterator[Segment]:
    for name, label in TIME_PARTS:
        value = getattr(time, name)
        yield Segment(name, value, f"{label}: {seconds(value)}")
