"""What an asset says of itself in the UI: counts, a preview, hashes, times."""

from collections.abc import Sequence
from time import monotonic
from typing import Any

import dagster as dg
import polars as pl

from darkwood_bench.assets.lineage import column_lineage
from darkwood_bench.partitions import Cell
from darkwood_bench.progress import Pace, Progress, Report
from darkwood_bench.tables import Table
from darkwood_bench.trace.page import partition_path

PREVIEW_ROWS = 5
PREVIEW_WIDTH = 60
LOG_EVERY_S = 5.0
LOG_EVERY_SHARE = 0.05
"""Of the time so far: lines come ever more rarely, about 140 in ten hours."""


def asset_options(
    table: Table, group: str, kinds: set[str], owner: str, version: str, why: str
) -> dict[str, Any]:
    """What every asset's decorator takes: its group, owner, kinds, description and columns.

    `owner` is the package that the figures come from. `version` is raised when the same inputs give
    other rows: cells that an older one wrote then show as stale. `why` says what the table is for.
    """
    columns = [
        dg.TableColumn(
            name,
            str(column.dtype),
            column.about,
            dg.TableColumnConstraints(nullable=column.nullable),
        )
        for name, column in table.columns.items()
    ]
    return {
        "group_name": group,
        "owners": [f"team:{owner}"],
        "kinds": kinds,
        "code_version": version,
        "description": f"{table.about}\n\n{' '.join(why.split())}",
        "metadata": {
            "dagster/column_schema": dg.TableSchema(columns),
            "dagster/column_lineage": column_lineage(table.name),
        },
    }


def describe(frame: pl.DataFrame, columns: Sequence[str], **more: Any) -> dict[str, Any]:
    """Metadata of one frame: its rows, a preview of some columns, and whatever else is given."""
    return {
        "rows": frame.height,
        "preview": dg.MetadataValue.md(markdown(frame.select(columns).head(PREVIEW_ROWS))),
        **more,
    }


def markdown(frame: pl.DataFrame) -> str:
    """A frame as a Markdown table, long cells cut."""
    header = f"| {' | '.join(frame.columns)} |"
    rule = "|" + "---|" * frame.width
    lines = (f"| {' | '.join(cell_text(value) for value in row)} |" for row in frame.iter_rows())
    return "\n".join([header, rule, *lines])


def partition_link(asset: str, cell: Cell) -> dg.MetadataValue:
    """A link to one partition's page in the UI."""
    return dg.MetadataValue.url(partition_path(asset, cell.model, cell.variant))


def logged(context: dg.AssetExecutionContext, report: Report) -> Report:
    """A report that also goes to the log: the end of each piece of work, and on the way a line
    every few seconds at first, and later ever more rarely, so that a log stays short.
    """
    pace = Pace()
    began = monotonic()
    last_logged = began - LOG_EVERY_S

    def both(progress: Progress) -> None:
        nonlocal last_logged
        report(progress)
        now = monotonic()
        left_s = pace.left_s(progress, now)
        every_s = max(LOG_EVERY_S, LOG_EVERY_SHARE * (now - began))
        if now - last_logged >= every_s or progress.done == progress.total:
            last_logged = now
            context.log.info(_sentence(progress, left_s))

    return both


def _sentence(progress: Progress, left_s: float | None) -> str:
    parts = [f"{progress.stage} {progress.subject}: {progress.done} of {progress.total}"]
    if progress.note:
        parts.append(progress.note)
    if left_s is not None:
        parts.append(f"about {left_s:.0f} s left")
    return ", ".join(parts)


def cell_text(value: Any) -> str:
    """A value as a cell of a Markdown table, cut."""
    if isinstance(value, float):
        return format(value, ".5g")
    shown = "" if value is None else str(value)
    text = " ".join(shown.split()).replace("|", "\\|")
    return text if len(text) <= PREVIEW_WIDTH else f"{text[: PREVIEW_WIDTH - 1]}…"
