"""A figure and its interval on a line, as wide as its cell."""

from markupsafe import Markup

from darkwood_bench.report.figures.scales import Scale

_WIDTH, _HEIGHT = 1000, 14


def whisker(
    value: float,
    low: float,
    high: float,
    scale_low: float,
    scale_high: float,
    *,
    reference: float | None = None,
    logarithmic: bool = False,
    name: str = "",
) -> Markup:
    """A mark at `value`, a line from `low` to `high`, and a thin line at `reference`.

    `name` is a class of the style sheet for its colour. It repeats the figures beside it, so it is
    hidden from those who hear the page.
    """
    place = Scale(scale_low, scale_high, 8, _WIDTH - 8, logarithmic)
    middle = _HEIGHT / 2
    rule = Markup("")
    if reference is not None:
        rule = Markup('<rect class="rule" x="{}" y="0" width="3" height="{}"/>').format(
            place(reference) - 1.5, _HEIGHT
        )
    start, end = place(low), place(high)
    return Markup(
        '<svg class="whisker {}" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">'
        '{}<rect class="range" x="{}" y="{}" width="{}" height="2"/>'
        '<rect class="value" x="{}" y="2" width="14" height="{}"/></svg>'
    ).format(
        name,
        _WIDTH,
        _HEIGHT,
        rule,
        start,
        middle - 1,
        round(max(end - start, 1), 1),
        round(place(value) - 7, 1),
        _HEIGHT - 4,
    )
