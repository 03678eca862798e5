"""A figure over time, with the moments marked at which what it depends on changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from darkwood_bench.report.figures.scales import Scale, round_values
from darkwood_bench.report.formats import significant

_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 18, 26, 30


@dataclass(frozen=True)
class Moment:
    """One score."""

    at: datetime
    value: float
    low: float
    high: float
    mark: int | None
    """The number of the change that came with it; None where nothing changed."""


def timeline(
    moments: Sequence[Moment], width: int, height: int, identity: str, what: str
) -> Markup:
    """`what` over time, `width` by `height` pixels; `identity` is unique in its page.

    Scores stand in their order, evenly: a night apart or a month, each is one measurement.
    Raises ValueError without moments.
    """
    if not moments:
        raise ValueError("timeline: no moments, so no figure")
    across = Scale(0, max(1, len(moments) - 1), _LEFT + 12, width - _RIGHT - 12)
    top = max(moment.high for moment in moments) * 1.08 or 1.0
    up = Scale(0.0, top, height - _BOTTOM, _TOP)
    marks = sum(moment.mark is not None for moment in moments)
    return Markup(
        '<svg class="figure" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" '
        'aria-labelledby="{id}"><title id="{id}">{title}</title>{axes}{line}</svg>'
    ).format(
        w=width,
        h=height,
        id=identity,
        title=f"{what} of {len(moments)} scores, from {significant(moments[0].value)} to "
        f"{significant(moments[-1].value)}, with {marks} changes marked. "
        "The same figures are in the table.",
        axes=Markup("").join(_axes(moments, across, up, width, height, top)),
        line=Markup("").join(_line(moments, across, up)),
    )


def sparkline(values: Sequence[float], changes: Sequence[int]) -> Markup:
    """The course of a figure, as wide as its cell, with a line at each place of `changes`.

    It is hidden from those who hear the page: the cells beside it say what it shows.
    """
    across = Scale(0, max(1, len(values) - 1), 20, 980)
    up = Scale(0.0, max(values, default=0.0) or 1.0, 26, 4)
    if len(values) == 1:
        return Markup(
            '<svg class="spark" viewBox="0 0 1000 30" preserveAspectRatio="none" '
            'aria-hidden="true"><rect class="value" x="490" y="{}" width="20" height="5"/></svg>'
        ).format(up(values[0]) - 2.5)
    points = " ".join(f"{across(place)},{up(value)}" for place, value in enumerate(values))
    marks = Markup("").join(
        Markup('<line class="change" x1="{}" x2="{}" y1="0" y2="30"/>').format(x, x)
        for x in map(across, changes)
    )
    return Markup(
        '<svg class="spark" viewBox="0 0 1000 30" preserveAspectRatio="none" aria-hidden="true">'
        '{}<polyline points="{}"/></svg>'
    ).format(marks, points)


def _axes(
    moments: Sequence[Moment], across: Scale, up: Scale, width: int, height: int, top: float
) -> Iterator[Markup]:
    for value in round_values(0.0, top, 4):
        y = up(value)
        yield Markup('<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
            _LEFT, width - _RIGHT, y, y
        )
        yield _text(_LEFT - 8, y + 4, f"{value:g}", "end", "tick")
    ends = {0, len(moments) - 1}
    for place in sorted(ends):
        anchor = "middle" if len(ends) == 1 else "start" if place == 0 else "end"
        x = across(place) + {"start": -12, "end": 12, "middle": 0}[anchor]
        yield _text(x, height - 8, f"{moments[place].at:%Y-%m-%d}", anchor, "tick")
    for place, moment in enumerate(moments):
        if moment.mark is not None:
            x = across(place)
            yield Markup('<line class="change" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
                x, x, _TOP - 6, height - _BOTTOM
            )
            yield _text(x, _TOP - 10, str(moment.mark), "middle", "label")


def _line(moments: Sequence[Moment], across: Scale, up: Scale) -> Iterator[Markup]:
    places = [(across(place), up(moment.value)) for place, moment in enumerate(moments)]
    path = " ".join(f"{x},{y}" for x, y in places)
    yield Markup('<polyline class="course" points="{}"/>').format(path)
    for moment, (x, y) in zip(moments, places, strict=True):
        yield Markup(
            '<g class="point best"><line class="range" x1="{}" x2="{}" y1="{}" y2="{}"/>'
            '<circle cx="{}" cy="{}" r="4"><title>{}</title></circle></g>'
        ).format(
            x,
            x,
            up(moment.low),
            up(moment.high),
            x,
            y,
            f"{moment.at:%Y-%m-%d %H:%M} UTC: {significant(moment.value)}",
        )


def _text(x: float, y: float, text: str, anchor: str, name: str) -> Markup:
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        name, round(x, 1), round(y, 1), anchor, text
    )
