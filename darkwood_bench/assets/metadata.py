"""What an asset says of itself in the UI: counts, a preview, hashes, times."""

from collections.abc import Sequence
from time import monotonic
from typing import Any
from urllib.parse import quote

import dagster as dg
import polars as pl

from darkwood_bench.partitions import Cell
from darkwood_bench.progress import Pace, Progress, Report
from darkwood_bench.tables import Table

PREVIEW_ROWS = 5
PREVIEW_WIDTH = 60
LOG_EVERY_S = 5.0


def asset_options(table: Table, group: str, kinds: set[str]) -> dict[str, Any]:
    """What every asset's decorator takes: its group, kinds, description and column schema."""
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
        "kinds": kinds,
        "description": table.about,
        "metadata": {"dagster/column_schema": dg.TableSchema(columns)},
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
    lines = (f"| {' | '.join(_cell(value) for value in row)} |" for row in frame.iter_rows())
    return "\n".join([header, rule, *lines])


def partition_link(asset: str, cell: Cell) -> dg.MetadataValue:
    """A link to one partition's page in the UI."""
    return dg.MetadataValue.url(
        f"/assets/{asset}?view=partitions&partition={quote(str(cell), safe='')}"
    )


def logged(context: dg.AssetExecutionContext, report: Report) -> Report:
    """A report that also goes to the run's log, at most every few seconds and at the end."""
    pace = Pace()
    last_logged = 0.0

    def both(progress: Progress) -> None:
        nonlocal last_logged
        report(progress)
        now = monotonic()
        left_s = pace.left_s(progress, now)
        if now - last_logged >= LOG_EVERY_S or progress.done == progress.total:
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


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return format(value, ".5g")
    shown = "" if value is None else str(value)
    text = " ".join(shown.split()).replace("|", "\\|")
    return text if len(text) <= PREVIEW_WIDTH else f"{text[: PREVIEW_WIDTH - 1]}…"
