"""A table of counts as an SVG: the darker a cell, the higher its count."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

CELL_W, CELL_H = 58, 26
LEFT, TOP, GAP, EDGE = 140, 76, 10, 16
PALE, DARK = (239, 246, 255), (29, 78, 137)
"""RGB of a count of 1 and of the highest."""
INK, QUIET, LIGHT, EMPTY = "#1f2937", "#6b7280", "#ffffff", "#f9fafb"
FONT = "font-family='system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif'"


@dataclass(frozen=True)
class Heatmap:
    """Counts by row and column; `counts` has shape (rows, columns)."""

    title: str
    subtitle: str
    rows: Sequence[str]
    columns: Sequence[str]
    counts: Sequence[Sequence[int]]


def heatmap_svg(heatmap: Heatmap) -> str:
    """The figure, with the sums of rows and columns at its edges; equal counts give equal text.

    Raises ValueError when `counts` has another shape than its names.
    """
    widths = {len(row) for row in heatmap.counts}
    if len(heatmap.counts) != len(heatmap.rows) or widths - {len(heatmap.columns)}:
        raise ValueError(
            f"counts: {len(heatmap.counts)} rows of {sorted(widths)} columns for "
            f"{len(heatmap.rows)} and {len(heatmap.columns)} names"
        )
    width = LEFT + (len(heatmap.columns) + 1) * CELL_W + GAP + EDGE
    height = TOP + (len(heatmap.rows) + 1) * CELL_H + GAP + EDGE
    return "\n".join(
        [
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' "
            f"width='{width}' height='{height}' role='img' {FONT} font-size='12'>",
            f"<title>{escape(heatmap.title)}</title>",
            f"<rect width='{width}' height='{height}' fill='{LIGHT}'/>",
            _text(EDGE, 26, heatmap.title, size=15, weight=600, anchor="start"),
            _text(EDGE, 44, heatmap.subtitle, fill=QUIET, anchor="start"),
            *_body(heatmap),
            "</svg>\n",
        ]
    )


def _body(heatmap: Heatmap) -> Iterator[str]:
    highest = max((count for row in heatmap.counts for count in row), default=0)
    last_x = LEFT + len(heatmap.columns) * CELL_W + GAP
    last_y = TOP + len(heatmap.rows) * CELL_H + GAP
    for j, name in enumerate(heatmap.columns):
        yield _text(_middle(j), TOP - 10, name, fill=QUIET)
        total = sum(row[j] for row in heatmap.counts)
        yield _text(_middle(j), last_y + 17, str(total), weight=600)
    for i, (name, row) in enumerate(zip(heatmap.rows, heatmap.counts, strict=True)):
        y = TOP + i * CELL_H
        yield _text(LEFT - 10, y + 17, name, anchor="end")
        for j, count in enumerate(row):
            shade = _shade(count, highest)
            yield (
                f"<rect x='{LEFT + j * CELL_W + 1}' y='{y + 1}' width='{CELL_W - 2}' "
                f"height='{CELL_H - 2}' rx='3' fill='{shade}'/>"
            )
            ink = max(INK, LIGHT, key=lambda colour, on=shade: contrast(colour, on))
            yield _text(_middle(j), y + 17, str(count), fill=ink)
        yield _text(last_x + CELL_W // 2, y + 17, str(sum(row)), weight=600)
    whole = sum(map(sum, heatmap.counts))
    yield _text(LEFT - 10, last_y + 17, "all", anchor="end", weight=600)
    yield _text(last_x + CELL_W // 2, TOP - 10, "all", fill=QUIET)
    yield _text(last_x + CELL_W // 2, last_y + 17, str(whole), weight=600)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours '#rrggbb', 1 to 21 (WCAG 2.2, relative luminance)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _middle(column: int) -> int:
    return LEFT + column * CELL_W + CELL_W // 2


def _shade(count: int, highest: int) -> str:
    """Nearly white for none, then from pale to dark."""
    if count == 0:
        return EMPTY
    share = (count - 1) / max(1, highest - 1)
    mixed = (round(a + (b - a) * share) for a, b in zip(PALE, DARK, strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _text(
    x: int,
    y: int,
    text: str,
    *,
    fill: str = INK,
    anchor: str = "middle",
    size: int = 12,
    weight: int = 400,
) -> str:
    return (
        f"<text x='{x}' y='{y}' fill='{fill}' text-anchor='{anchor}' font-size='{size}' "
        f"font-weight='{weight}'>{escape(text)}</text>"
    )
