"""What the pages over all systems show: leaderboard, cost, categories, failures, prompts, history.

Each function gives a template's values, from the contents alone.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from darkwood_bench.report.addresses import baseline_page, system_page
from darkwood_bench.report.contents import GROUP, SILENT, Contents, Effect, Row, System, TimeParts
from darkwood_bench.report.course import course
from darkwood_bench.report.figures import Point, Segment, scatter, sparkline, stacked_bar, whisker
from darkwood_bench.report.formats import counted, percent, seconds, significant
from darkwood_bench.tables import CATEGORIES, FAILURE_CLASSES, NOISY_LOAD

WIDE, NARROW = (860, 380), (340, 300)
"""Width and height of a figure on a desk, and on a phone."""
_SLIPS = 15
_PLACES = re.compile(
    r" ?\(<answer>, line \d+\)| ?\(detected at line \d+\)| at 0x[0-9a-f]+"
    r"|^on the data variant \S+: "
)
"""What tells two slips apart that are the same: the place in the code, in memory, in the data."""
TIME_PARTS = (
    ("reading", "Prompt reading"),
    ("writing", "Writing"),
    ("undivided", "Reading and writing"),
    ("retries", "Retries"),
    ("checks", "Repair and dry runs"),
    ("failed", "Without an answer"),
)


def groups(contents: Contents) -> Iterator[tuple[str, Row, list[System]]]:
    """Systems that may be compared: an id, a row with what they share, and they."""
    systems = groupby(contents.systems, key=lambda system: [system.board[name] for name in GROUP])
    for number, (_, found) in enumerate(systems, start=1):
        members = list(found)
        yield f"group-{number}", members[0].board, members


def group_heading(board: Row) -> dict[str, str]:
    """What a group's systems were asked, and how."""
    asked = counted(board["n_tasks"], "task")
    slices = {"all": f"All tasks: {asked}", "quick": f"Quick sample: {asked}"}
    title = slices.get(board["slice"], f"Sample: {asked}")
    mode = "one request at a time" if board["mode"] == "sequential" else "all requests at once"
    return {
        "title": f"{title}, {board['mode']}",
        "conditions": f"{mode.capitalize()}; at most {board['budgets']} an answer; isolation "
        f"{board['isolation_level']}; dataset {board['dataset_hash']}; suites "
        f"{', '.join(board['suites'])}",
        "sample": ""
        if board["slice"] == "all"
        else "A sample: it is never ranked beside a run of all tasks.",
    }


def leaderboard(contents: Contents) -> dict[str, Any]:
    found = []
    for identity, board, systems in groups(contents):
        best = max((system.board["score_high"] or 0.0 for system in systems), default=0.0)
        points = [
            Point(
                f"{system.model} {system.variant}",
                system.board["T"],
                system.board["accuracy"],
                system.board["accuracy_low"],
                system.board["accuracy_high"],
                system_page(system.model, system.variant),
            )
            for system in systems
            if system.board["T"] > 0
        ]
        figures = []
        if len(points) > 1:
            figures = [
                {"kind": kind, "svg": scatter(points, *size, f"{identity}-{kind}")}
                for kind, size in (("wide", WIDE), ("narrow", NARROW))
            ]
        rows = [_board_row(system, best) for system in systems]
        found.append(
            {
                "id": identity,
                **group_heading(board),
                "notes": _take_shared_notes(rows),
                "rows": rows,
                "figures": figures,
            }
        )
    newest = max(system.board["scored_at"] for system in contents.systems)
    return {"groups": found, "newest": f"{newest:%Y-%m-%d %H:%M} UTC"}


def _board_row(system: System, best: float) -> dict[str, Any]:
    board = system.board
    names = ("rank", "model", "prompt_variant", "N", "n_tasks", "n_base_only", "n_unverified", "T")
    names += ("T_low", "T_high", "VRAM_GB", "RAM_GB", "score", "score_low", "score_high", "load_s")
    names += ("accuracy", "accuracy_low", "accuracy_high", "gained", "lost", "p_value")
    score, low, high = (board[name] for name in ("score", "score_low", "score_high"))
    line = ""
    if score is not None and low is not None and best > 0:
        line = whisker(score, low, high, 0.0, best)
    return {
        **{name: board[name] for name in names},
        "silent": None if system.missing else system.silently_wrong,
        "whisker": line,
        "notes": list(_notes(system)),
    }


def _take_shared_notes(rows: Sequence[dict[str, Any]]) -> list[str]:
    """What is noted of every row, taken out of each: it is said once, above them."""
    shared = [note for note in rows[0]["notes"] if all(note in row["notes"] for row in rows)]
    if len(rows) == 1:
        return []
    for row in rows:
        row["notes"] = [note for note in row["notes"] if note not in shared]
    return shared


def _notes(system: System) -> Iterator[str]:
    """What a reader of a row should know before believing it."""
    board = system.board
    if board["rank"] is None:
        yield unranked(board)
    if board["n_unverified"]:
        yield f"gold of {counted(board['n_unverified'], 'task')} is unverified: no oracle agrees"
    if (board["other_load"] or 0.0) > NOISY_LOAD:
        share = percent(board["other_load"])
        yield f"noisy T: other processes had {share} of the cores"
    if system.missing:
        yield f"answers are not shown: {system.missing}"


def unranked(board: Row) -> str:
    """Why a row has no rank."""
    unknown = [name for name in ("VRAM", "RAM") if board[f"{name}_GB"] is None]
    if unknown:
        return (
            f"not ranked: {' and '.join(unknown)} of the server that answered could not be "
            "measured, and a Score needs it"
        )
    return "not ranked: nothing was timed, so there is no Score"


def cost(contents: Contents) -> dict[str, Any]:
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


def categories(contents: Contents) -> dict[str, Any]:
    found = []
    for identity, board, systems in groups(contents):
        asked = {part["category"] for system in systems for part in system.parts}
        levels = sorted(name for name in asked if name.startswith("difficulty"))
        tables = [
            ("Category", [name for name in CATEGORIES if name in asked]),
            ("Difficulty", levels),
        ]
        found.append(
            {
                "id": identity,
                **group_heading(board),
                "tables": [
                    {
                        "name": name,
                        "columns": [column.removeprefix("difficulty ") for column in columns],
                        "rows": [_heat_row(system, columns) for system in systems],
                    }
                    for name, columns in tables
                    if columns
                ],
            }
        )
    return {"groups": found}


def _heat_row(system: System, columns: Sequence[str]) -> dict[str, Any]:
    parts = {part["category"]: part for part in system.parts}
    return {
        "model": system.model,
        "prompt_variant": system.variant,
        "all": _heat_cell(system.board),
        "cells": [_heat_cell(parts.get(name)) for name in columns],
    }


def _heat_cell(row: Row | None) -> dict[str, Any] | None:
    if row is None or not row["n_tasks"]:
        return None
    share = row["accuracy"]
    return {"accuracy": share, "N": row["N"], "n_tasks": row["n_tasks"], "heat": round(share * 10)}


def failures(contents: Contents) -> dict[str, Any]:
    found = []
    for identity, board, systems in groups(contents):
        present = [
            name for name in FAILURE_CLASSES if any(system.failures.get(name) for system in systems)
        ]
        slips: Counter[tuple[str, str]] = Counter()
        for system in systems:
            for (name, detail), count in system.slips.items():
                slips[name, _PLACES.sub("", detail)] += count
        found.append(
            {
                "id": identity,
                **group_heading(board),
                "classes": present,
                "rows": [_failure_row(system, present) for system in systems],
                "slips": [
                    {"name": name, "detail": detail, "count": count}
                    for (name, detail), count in slips.most_common(_SLIPS)
                ],
            }
        )
    return {"groups": found, "silent": SILENT}


def _failure_row(system: System, classes: Sequence[str]) -> dict[str, Any]:
    right, asked = system.board["N"], system.board["n_tasks"]
    segments = [Segment("correct", right, f"correct: {right} of {asked}")]
    segments += [
        Segment(name.replace("_", "-"), system.failures.get(name, 0), f"{name}: {count} of {asked}")
        for name in classes
        if (count := system.failures.get(name, 0))
    ]
    return {
        "model": system.model,
        "prompt_variant": system.variant,
        "N": right,
        "n_tasks": asked,
        "counts": None if system.missing else [system.failures.get(name, 0) for name in classes],
        "silent": None if system.missing else system.silently_wrong,
        "bar": "" if system.missing else stacked_bar(segments, asked),
        "missing": system.missing,
    }


def prompts(contents: Contents, baseline: str) -> dict[str, Any]:
    """The page of one baseline."""
    effects = sorted(contents.effects[baseline], key=lambda effect: (effect.group, effect.model))
    found = []
    for (group, model), members in groupby(effects, key=lambda one: (one.group, one.model)):
        rows = sorted(members, key=lambda effect: -_gain(effect))
        reach = max((_reach(effect.score_ratio) for effect in rows), default=2.0)
        found.append(
            {
                "title": model,
                "group": group,
                "right_baseline": rows[0].right_baseline,
                "common": rows[0].common,
                "rows": [_effect_row(effect, reach) for effect in rows],
            }
        )
    return {
        "baseline": baseline,
        "baselines": [
            {"name": name, "page": baseline_page(name)} for name in sorted(contents.effects)
        ],
        "models": found,
    }


def _gain(effect: Effect) -> float:
    return (effect.right - effect.right_baseline) / effect.common if effect.common else 0.0


def _reach(ratio: Iterable[float | None]) -> float:
    """How many times up or down from 1 a ratio's interval goes, at most a hundred."""
    known = [value for value in ratio if value is not None and 0 < value < float("inf")]
    return min(100.0, max((max(value, 1 / value) for value in known), default=2.0) * 1.05)


def _effect_row(effect: Effect, reach: float) -> dict[str, Any]:
    value, low, high = effect.score_ratio
    line = ""
    if value and low is not None and high is not None:
        name = "worse" if high < 1 else "better" if low > 1 else ""
        line = whisker(
            value, low, high, 1 / reach, reach, reference=1.0, logarithmic=True, name=name
        )
    return {
        "variant": effect.variant,
        "model": effect.model,
        "right": effect.right,
        "common": effect.common,
        "gained": effect.gained,
        "lost": effect.lost,
        "p_value": effect.p_value,
        "difference": _gain(effect),
        "time_ratio": effect.time_ratio,
        "score_ratio": effect.score_ratio,
        "whisker": line,
    }


def history(contents: Contents) -> dict[str, Any]:
    found = []
    for identity, board, systems in groups(contents):
        rows = []
        for system in systems:
            followed = course(system)
            moments = followed.moments
            values = [moment.value for moment in moments]
            marked = [place for place, moment in enumerate(moments) if moment.mark is not None]
            rows.append(
                {
                    "model": system.model,
                    "prompt_variant": system.variant,
                    "scores": len(system.history),
                    "what": followed.name,
                    "first": significant(values[0]) if values else None,
                    "last": significant(values[-1]) if values else None,
                    "change": values[-1] / values[0] if len(values) > 1 and values[0] else None,
                    "changes": len(marked),
                    "spark": sparkline(values, marked) if values else "",
                    "since": f"{moments[0].at:%Y-%m-%d}" if values else "",
                }
            )
        found.append({"id": identity, **group_heading(board), "rows": rows})
    return {"groups": found}


def tasks(contents: Contents) -> dict[str, Any]:
    rows = []
    for task in contents.tasks:
        right = sum(answer.verdict["correct"] for answer in task.answers)
        row = task.row
        rows.append(
            {
                **{
                    name: row[name]
                    for name in ("task_id", "suite", "category", "difficulty", "question")
                },
                "right": right,
                "asked": len(task.answers),
                "bar": stacked_bar(
                    [Segment("correct", right, f"{right} right")], len(task.answers)
                ),
            }
        )
    return {
        "rows": rows,
        "suites": sorted({row["suite"] for row in rows}),
        "categories": [name for name in CATEGORIES if any(r["category"] == name for r in rows)],
    }
