"""The list of tasks, with how many systems are right."""

from typing import Any

from darkwood_bench.report.contents import Contents
from darkwood_bench.report.figures import Segment, stacked_bar
from darkwood_bench.tables import CATEGORIES


def tasks(contents: Contents) -> dict[str, Any]:
    """Every task that was asked, and how many systems have it right."""
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
