"""The same stories as pages for a browser: no script, nothing asked of another server."""

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, Template

from darkwood_bench.trace.cells import CellTables
from darkwood_bench.trace.story import Answer, Row, Story, lines_of, reasons

PREFIX = "/trace"
"""Where the UI serves these pages."""


def cell_path(model: str, variant: str) -> str:
    """The address of a partition's table of answers."""
    return f"{PREFIX}/{quote(model, safe='')}/{quote(variant, safe='')}"


def story_path(answer: Answer) -> str:
    """The address of one answer's story."""
    return f"{cell_path(answer.model, answer.variant)}/{quote(answer.task_id, safe='/')}"


def partition_path(asset: str, model: str, variant: str) -> str:
    """The address of a partition in Dagster's UI."""
    key = quote(f"{model}|{variant}", safe="")
    return f"/assets/{asset}?view=partitions&partition={key}"


def story_page(story: Story) -> str:
    """One answer, as HTML."""
    return _template().render(title=f"{story.answer.task_id}: {story.answer.model}", story=story)


def cell_page(cell: CellTables, chosen: str | None = None) -> str:
    """Every answer of a partition with a link each, or those of a class of failure, as HTML."""
    lines = list(lines_of(cell))
    counts = Counter(line.failure_class for line in lines if line.failure_class)
    return _template().render(
        title=f"{cell.model} under {cell.variant}",
        cell=cell,
        lines=lines,
        classes=counts.most_common(),
        chosen=chosen,
    )


def message_page(title: str, message: str) -> str:
    """A page that says why there is nothing to see, as HTML."""
    return _template().render(title=title, message=message)


@cache
def _template() -> Template:
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
    environment.globals.update(
        cell_link=lambda answer: cell_path(answer.model, answer.variant),
        story_link=story_path,
        partition_link=lambda asset, at: partition_path(asset, at.model, at.variant),
        cost=_cost,
        reasons=reasons,
    )
    return environment.get_template("page.html")


def _cost(row: Row) -> str:
    parts: list[Any] = [f"attempt {row['attempt']}", f"{row['wall_s']:.2f} s"]
    if row["completion_tokens"] is not None:
        parts.append(f"{row['prompt_tokens']} prompt tokens, {row['completion_tokens']} generated")
    else:
        parts.append("tokens unknown")
    return ", ".join([*parts, str(row["finish_reason"])])
