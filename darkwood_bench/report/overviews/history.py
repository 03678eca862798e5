"""How scores went over time."""

from typing import Any

from darkwood_bench.report.contents import Contents
from darkwood_bench.report.course import course
from darkwood_bench.report.figures import sparkline
from darkwood_bench.report.formats import significant
from darkwood_bench.report.overviews.grouping import group_heading, groups


def history(contents: Contents) -> dict[str, Any]:
    """The course of each system that was scored."""
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
