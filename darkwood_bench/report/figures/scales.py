"""From values to places on paper, and the round values that an axis names."""

from dataclasses import dataclass
from math import ceil, floor, log10


@dataclass(frozen=True)
class Scale:
    """A range of values laid along a line, evenly or by powers of ten."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def __call__(self, value: float) -> float:
        """The place of a value; one outside the range is put at its end."""
        value = min(max(value, self.low), self.high)
        low, high = self.low, self.high
        if self.logarithmic:
            value, low, high = log10(value), log10(low), log10(high)
        share = (value - low) / (high - low) if high > low else 0.5
        return round(self.start + share * (self.end - self.start), 1)


def round_values(low: float, high: float, wanted: int = 5) -> list[float]:
    """About so many multiples of 1, 2 or 5 times a power of ten, within the range."""
    raw = (high - low) / wanted
    if raw < 1e-300:  # nothing between them that has a power of ten
        return [low]
    power = 10.0 ** floor(log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw)
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def round_powers(low: float, high: float) -> list[float]:
    """1, 2 and 5 times powers of ten within the range; others too in a narrow one."""
    if high / low < 8:
        return round_values(low, high)
    factors = (1, 2, 5) if high / low < 200 else (1,)
    powers = range(floor(log10(low)), ceil(log10(high)) + 1)
    found = [factor * 10.0**power for power in powers for factor in factors]
    return [value for value in found if low <= value <= high]
