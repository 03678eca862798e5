"""Pages from templates. Whatever is put into one is escaped, unless this package made it markup."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from darkwood_bench.report import addresses, formats, highlight
from darkwood_bench.report.cells import visible

_TEMPLATES = Path(__file__).parent / "templates"


@cache
def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters |= {
        name: getattr(formats, name)
        for name in (
            "counted",
            "gigabytes",
            "integer",
            "p_equals",
            "p_value",
            "percent",
            "ratio",
            "seconds",
            "shortened",
            "signed_points",
            "significant",
        )
    }
    found.filters |= {"python": highlight.python, "sql": highlight.sql, "visible": visible}
    found.globals |= {
        name: getattr(addresses, name)
        for name in (
            "answer_link",
            "answers_page",
            "baseline_page",
            "slug",
            "system_page",
            "task_page",
        )
    }
    found.globals["between"] = formats.between
    return found


def render(template: str, page: str, **context: Any) -> bytes:
    """The text of a page at that address, as bytes."""
    root = addresses.root_of(page)
    text = _environment().get_template(template).render(root=root, page=page, **context)
    return text.encode("utf-8", "replace")
