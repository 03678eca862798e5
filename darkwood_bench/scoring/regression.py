"""Whether a newer score is worse than an older one, beyond chance and beyond what matters."""

from collections.abc import Mapping
from dataclasses import dataclass

from darkwood_bench.scoring.comparison import ALPHA, Comparison

TESTS = 2
"""For each partition: answers and Score."""


@dataclass(frozen=True)
class Tolerance:
    """What loss is borne."""

    accuracy: float = 0.02
    """Share of tasks that may be lost, net of those gained."""
    score: float = 0.10
    """Share of the Score that may be lost: T moves with the machine's other load."""
    alpha: float = ALPHA
    """Chance that any of the partitions compared together is called worse and is not."""

    def level(self, partitions: int) -> float:
        """Of each test where so many partitions are compared (Bonferroni): a grid of forty would
        else raise two false alarms a night."""
        return self.alpha / (TESTS * max(1, partitions))


def losses(compared: Mapping[str, Comparison], tolerance: Tolerance) -> dict[str, list[str]]:
    """By partition, what it has lost significantly and beyond the tolerance, each in a line.

    `compared` holds each partition's newer score (B) against its older one (A), compared at
    `tolerance.level` of their number.
    """
    level = tolerance.level(len(compared))
    found = {
        name: answers_lost(comparison, tolerance, level) + score_lost(comparison, tolerance)
        for name, comparison in compared.items()
    }
    return {name: lines for name, lines in found.items() if lines}


def answers_lost(found: Comparison, tolerance: Tolerance, level: float) -> list[str]:
    """A line where correct answers were lost: beyond the tolerance, and p below `level`."""
    lost, paired = found.n_a - found.n_b, found.paired
    if lost <= tolerance.accuracy * paired.common or paired.p_value >= level:
        return []
    return [f"N {found.n_a} -> {found.n_b} of {paired.common} (p = {paired.p_value:.2g})"]


def score_lost(found: Comparison, tolerance: Tolerance) -> list[str]:
    """A line where all of the Score ratio's interval lies beyond the tolerance."""
    interval = found.score_ratio_interval
    if interval is None or interval.high >= 1 - tolerance.score:
        return []
    return [f"Score x {found.score_ratio:.2f} ({interval.low:.2f} to {interval.high:.2f})"]
