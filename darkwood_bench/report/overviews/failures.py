"""What wrong answers failed at: classes as stacked bars, and the slips behind them."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from darkwood_bench.report.contents import SILENT, Contents, System
from darkwood_bench.report.figures import Segment, stacked_bar
from darkwood_bench.report.overviews.grouping import group_heading, groups
from darkwood_bench.tables import FAILURE_CLASSES

_SLIPS = 15
_PLACES = re.compile(
    r" ?\(<answer>, line \d+\)| ?\(detected at line \d+\)| at 0x[0-9a-f]+"
    r"|^on the data variant \S+: "
)
"""What tells two slips apart that are the same: the place in the code, in memory, in the data."""


def failures(contents: Contents) -> dict[str, Any]:
    """Failure classes a system, and the most frequent slips."""
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
