"""Every colour of the style sheet can be told from what it stands on, in both themes."""

import re
from pathlib import Path

import pytest

from darkwood_bench.report.heatmap import contrast

CSS = (
    Path(__file__).parents[2] / "darkwood_bench" / "report" / "static" / "report.css"
).read_text()
COLOURS = {
    name: (light, dark)
    for name, light, dark in re.findall(
        r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", CSS
    )
}
TEXT, DRAWN = 4.5, 3.0
"""WCAG 2.2, AA: 1.4.3 of text, 1.4.11 of parts of graphics."""
TEXTS = [
    *((name, "page") for name in ("ink", "quiet", "link", "good", "bad", "accent")),
    *((name, "panel") for name in ("ink", "quiet", "link", "good", "bad")),
    ("warn-ink", "warn-back"),
    ("mark-ink", "mark-back"),
    *((name, "gold-back") for name in ("ink", "quiet")),
    ("mark-ink", "page"),
    ("page", "ink"),
    ("page", "retries"),
    *((name, "panel") for name in COLOURS if name.startswith("code-")),
]
GRAPHICS = [
    name
    for name in COLOURS
    if name.split("-")[0] in ("none", "name", "use", "stop", "silent")
    or name in ("reading", "writing", "undivided", "retries", "checks", "failed", "accent")
]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_can_be_read(theme: int) -> None:
    assert len(COLOURS) > 30
    for front, back in TEXTS:
        found = contrast(COLOURS[front][theme], COLOURS[back][theme])
        assert found >= TEXT, (front, back, round(found, 2))


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_parts_of_graphics_can_be_seen(theme: int) -> None:
    assert len(GRAPHICS) > 20
    for name in GRAPHICS:
        found = contrast(COLOURS[name][theme], COLOURS["page"][theme])
        assert found >= DRAWN, (name, round(found, 2))


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_figures_can_be_read_on_every_shade_of_the_heat_map(theme: int) -> None:
    shades = [int(share) for share in re.findall(r"var\(--heat\) (\d+)%, transparent", CSS)]
    assert len(shades) == 11
    for share in shades:
        heat, page = (
            [int(COLOURS[name][theme][at : at + 2], 16) for at in (1, 3, 5)]
            for name in ("heat", "page")
        )
        mixed = [
            round((a * share + b * (100 - share)) / 100) for a, b in zip(heat, page, strict=True)
        ]
        colour = "#" + "".join(f"{part:02x}" for part in mixed)
        assert contrast(COLOURS["ink"][theme], colour) >= TEXT, share
