"""Figures as a person reads them: as many digits as they are worth, and a unit."""

NONE = "–"
_THIN = "\u202f"
"""Between a figure and its unit."""


def integer(value: int | None) -> str:
    return NONE if value is None else f"{value:,}"


def significant(value: float | None, digits: int = 3) -> str:
    """A figure with so many significant digits, never in powers of ten between 1e-4 and 1e9."""
    if value is None:
        return NONE
    if value == 0:
        return "0"
    if not 1e-4 <= abs(value) < 1e9:
        return f"{value:.{digits - 1}e}"
    places = digits - 1 - _exponent(value)
    return f"{round(value, places):,.{max(0, places)}f}"


def seconds(value: float | None) -> str:
    """'84 ms', '3.21 s', '1,240 s'."""
    if value is None:
        return NONE
    if 0 < value < 1:
        return f"{significant(value * 1000, 2)}{_THIN}ms"
    return f"{significant(value)}{_THIN}s"


def tick(value: float) -> str:
    """Seconds that an axis names: round figures, so no digits beyond them."""
    return f"{value * 1000:g}{_THIN}ms" if value < 1 else f"{value:,g}{_THIN}s"


def percent(share: float | None) -> str:
    """A share of 1 as whole per cent; nothing but nothing is 0 %, nothing but all is 100 %."""
    if share is None:
        return NONE
    rounded = min(99, max(1, round(100 * share))) if 0 < share < 1 else round(100 * share)
    return f"{rounded}{_THIN}%"


def gigabytes(value: float | None) -> str:
    return NONE if value is None else f"{value:.2f}"


def p_value(value: float | None) -> str:
    if value is None:
        return NONE
    if value < 0.001:
        return f"<{_THIN}0.001"
    return f"{value:.3f}" if value < 0.0995 else f"{value:.2f}"


def p_equals(value: float | None) -> str:
    """'p = 0.44', 'p < 0.001'."""
    found = p_value(value)
    return f"p {found}" if found.startswith("<") else f"p = {found}"


def ratio(value: float | None) -> str:
    """'×1.24'."""
    if value is None:
        return NONE
    return "×∞" if value == float("inf") else f"×{significant(value)}"


def signed_points(share: float) -> str:
    """A difference of shares in percentage points: '+3.1', '−0.4', '0.0'."""
    points = round(100 * share, 1)
    sign = "+" if points > 0 else "−" if points < 0 else ""
    return f"{sign}{abs(points):.1f}"


def between(low: str, high: str) -> str:
    """The two ends of an interval; the unit once."""
    unit = _THIN + low.rpartition(_THIN)[2] if _THIN in low else ""
    if unit and high.endswith(unit):
        low = low.removesuffix(unit)
    return f"{low} to {high}"


def counted(count: int, word: str) -> str:
    """'1 row', '2 rows'."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def shortened(text: str, length: int) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def _exponent(value: float) -> int:
    """The power of ten of the first digit, once rounded to three of them."""
    return int(f"{abs(value):.2e}".partition("e")[2])
