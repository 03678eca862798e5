"""A bar of parts, as wide as its cell."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

_WIDTH, _HEIGHT = 1000, 18
_GAP = 1.5


@dataclass(frozen=True)
class Segment:
    """One part of a bar."""

    name: str
    """A class of the style sheet: `part-NAME` has its colour."""
    value: float
    text: str
    """What a pointer that rests on it is told."""


def stacked_bar(segments: Sequence[Segment], whole: float) -> Markup:
    """The segments side by side; `whole` is the value of the full width.

    It repeats what the cells beside it say, so it is hidden from those who hear the page.
    """
    parts, start = [], 0.0
    for segment in segments:
        width = _WIDTH * segment.value / whole if whole > 0 else 0.0
        if width > 0:
            parts.append(
                Markup(
                    '<rect class="part-{}" x="{}" width="{}" height="{}"><title>{}</title></rect>'
                ).format(
                    segment.name,
                    f"{start:.1f}",
                    f"{max(width - _GAP, min(width, 1.0)):.1f}",
                    _HEIGHT,
                    segment.text,
                )
            )
        start += width
    return Markup(
        '<svg class="bar" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">'
        "{}</svg>"
    ).format(_WIDTH, _HEIGHT, Markup("").join(parts))
