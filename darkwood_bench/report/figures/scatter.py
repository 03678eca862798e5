"""Accuracy against time, and the front of those that nothing beats in both."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from darkwood_bench.report.figures.scales import Scale, round_powers
from darkwood_bench.report.formats import percent, seconds, tick

_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 18, 26, 40
_CHAR = 6.6
"""Width of a letter of a label, about."""


@dataclass(frozen=True)
class Point:
    """One system."""

    label: str
    time: float
    """T in seconds, above 0."""
    accuracy: float
    low: float
    """Ends of the accuracy's 95 % interval."""
    high: float
    link: str


def front(points: Sequence[Point]) -> list[Point]:
    """Those that no other point beats: as quick and as right, and better in one of the two.

    Quickest first.
    """
    found: list[Point] = []
    for point in sorted(points, key=lambda point: (point.time, -point.accuracy)):
        equal = found and (point.time, point.accuracy) == (found[-1].time, found[-1].accuracy)
        if not found or point.accuracy > found[-1].accuracy or equal:
            found.append(point)
    return found


def scatter(points: Sequence[Point], width: int, height: int, identity: str) -> Markup:
    """The figure, `width` by `height` pixels; `identity` is unique in its page.

    T is laid out by powers of ten. Raises ValueError without points.
    """
    if not points:
        raise ValueError("scatter: no points, so no figure")
    best = front(points)
    times = [point.time for point in points]
    low, high = min(times) / 1.3, max(times) * 1.3
    across = Scale(low, high, _LEFT, width - _RIGHT, logarithmic=True)
    top = min(1.0, max(point.high for point in points) * 1.05)
    up = Scale(0.0, top, height - _BOTTOM, _TOP)
    names = ", ".join(
        f"{point.label} ({percent(point.accuracy)} in {seconds(point.time)})" for point in best
    )
    return Markup(
        '<svg class="figure" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" '
        'aria-labelledby="{id}"><title id="{id}">{title}</title>{axes}{front}{points}</svg>'
    ).format(
        w=width,
        h=height,
        id=identity,
        title=f"Accuracy against T of {len(points)} systems. On the Pareto front: {names}. "
        "The same figures are in the table.",
        axes=Markup("").join(_axes(across, up, width, height, top)),
        front=_staircase(best, across, up, width),
        points=Markup("").join(_marks(points, best, across, up, width)),
    )


def _axes(across: Scale, up: Scale, width: int, height: int, top: float) -> Iterator[Markup]:
    floor = height - _BOTTOM
    step = 0.2 if top > 0.5 else 0.1 if top > 0.2 else 0.05
    for number in range(int(top / step + 1e-9) + 1):
        y = up(number * step)
        yield Markup('<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
            _LEFT, width - _RIGHT, y, y
        )
        yield _text(_LEFT - 8, y + 4, percent(number * step), "end", "tick")
    last = -100.0
    for value in round_powers(across.low, across.high):
        x = across(value)
        if x - last < 52 or not _LEFT + 12 <= x <= width - _RIGHT - 12:
            continue
        last = x
        yield Markup('<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
            x, x, _TOP, floor
        )
        yield _text(x, floor + 16, tick(value), "middle", "tick")
    yield _text(width - _RIGHT, height - 6, "T, less is better", "end", "axis")
    yield _text(_LEFT - 36, 12, "accuracy", "start", "axis")


def _staircase(best: Sequence[Point], across: Scale, up: Scale, width: int) -> Markup:
    """What the front rules out lies below and to the right of it."""
    path = f"M{across(best[0].time)} {up(0.0)}"
    for point in best:
        path += f"H{across(point.time)}V{up(point.accuracy)}"
    return Markup('<path class="front" d="{}H{}"/>').format(path, width - _RIGHT)


def _marks(
    points: Sequence[Point], best: Sequence[Point], across: Scale, up: Scale, width: int
) -> Iterator[Markup]:
    boxes: list[tuple[float, float, float, float]] = []
    for point in sorted(points, key=lambda point: point in best):
        x, y, on_front = across(point.time), up(point.accuracy), point in best
        title = f"{point.label}: {percent(point.accuracy)} in {seconds(point.time)}"
        yield Markup(
            '<g class="{}"><line class="range" x1="{}" x2="{}" y1="{}" y2="{}"/>'
            '<a href="{}"><title>{}</title><circle cx="{}" cy="{}" r="5.5"/></a></g>'
        ).format(
            "point best" if on_front else "point",
            x,
            x,
            up(point.low),
            up(point.high),
            point.link,
            title,
            x,
            y,
        )
        boxes.append((x - 6, y - 6, x + 6, y + 6))
    for point in best:
        if placed := _label(point, across, up, width, boxes):
            yield placed


def _label(
    point: Point, across: Scale, up: Scale, width: int, taken: list[tuple[float, ...]]
) -> Markup | None:
    """The point's name beside it, where there is room; its title has it in any case."""
    x, y = across(point.time), up(point.accuracy)
    length = len(point.label) * _CHAR
    for anchor, dx, dy in (
        ("start", 9, -8),
        ("end", -9, -8),
        ("start", 9, 15),
        ("end", -9, 15),
    ):
        start = x + dx if anchor == "start" else x + dx - length
        box = (start, y + dy - 11, start + length, y + dy + 3)
        inside = box[0] >= _LEFT and box[2] <= width and box[1] >= 0
        if inside and not any(_overlap(box, other) for other in taken):
            taken.append(box)
            return _text(x + dx, y + dy, point.label, anchor, "label")
    return None


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _text(x: float, y: float, text: str, anchor: str, name: str) -> Markup:
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        name, round(x, 1), round(y, 1), anchor, text
    )
