"""Two systems on the same tasks, compared task by task."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Paired:
    """What one system wins and loses against another on the tasks that both were asked."""

    common: int
    """Tasks that both were asked."""
    gained: int
    """Tasks that it has right and the other wrong."""
    lost: int
    """Tasks that it has wrong and the other right."""
    p_value: float
    """McNemar's exact test, two-sided: the chance of a split as uneven, were both equally good."""


def compare_paired(one: Mapping[str, bool], other: Mapping[str, bool]) -> Paired:
    """Compare task id → correct of two systems; tasks that only one was asked are left out."""
    common = one.keys() & other.keys()
    gained = sum(one[task] and not other[task] for task in common)
    lost = sum(other[task] and not one[task] for task in common)
    return Paired(len(common), gained, lost, _mcnemar_exact(gained, lost))


def _mcnemar_exact(gained: int, lost: int) -> float:
    """Two-sided binomial test of `gained` against `lost` at even odds; 1 when they are equal.

    McNemar, Q. (1947), "Note on the sampling error of the difference between correlated proportions
    or percentages", Psychometrika 12, 153-157, in its exact form.
    """
    trials = gained + lost
    # Each binomial coefficient from the one before: there are thousands, of thousands of digits.
    ways = tail = 1
    for k in range(min(gained, lost)):
        ways = ways * (trials - k) // (k + 1)
        tail += ways
    return min(1.0, 2 * tail / 2**trials)
