"""What people look at: static pages, and figures that a browser shows without help.

`build_report` writes the pages of some `Contents` as a folder. They ask for nothing outside it.
"""

from pathlib import Path

from darkwood_bench.progress import Progress, Report, silent
from darkwood_bench.report.contents import (
    GROUP,
    Answer,
    Contents,
    Effect,
    System,
    Task,
    TimeParts,
)
from darkwood_bench.report.folder import INDEX, ReportError, Written, write_report
from darkwood_bench.report.heatmap import Heatmap, heatmap_svg
from darkwood_bench.report.time_parts import time_parts, writing_pace

__all__ = [
    "GROUP",
    "INDEX",
    "Answer",
    "Contents",
    "Effect",
    "Heatmap",
    "ReportError",
    "System",
    "Task",
    "TimeParts",
    "Written",
    "build_report",
    "heatmap_svg",
    "time_parts",
    "writing_pace",
]


def build_report(contents: Contents, folder: Path, report: Report = silent) -> Written:
    """Write the report's pages as `folder`, in place of the report that was there.

    Pages that are as they should be are not written again. Raises ReportError.
    """
    from darkwood_bench.report.pages import count_pages, pages

    total = count_pages(contents)

    def told(done: int) -> None:
        report(Progress("report", "writing", done, total, unit="page"))

    return write_report(folder, pages(contents), told)
