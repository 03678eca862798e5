"""Whether a newer score is worse than an older one, beyond chance and beyond what matters."""

from collections.abc import Mapping
from dataclasses import dataclass

from darkwood_bench.scoring.comparison import ALPHA, Comparison


@dataclass(frozen=True)
class Tolerance:
    """What loss is borne."""

    accuracy: float = 0.02
    """Share of tasks that may be lost, net of those gained."""
    score: float = 0.10
    """Share of the Score that may be lost: T moves with the machine's other load."""
    alpha: float = ALPHA
    """Chance that any of the partitions compared together is called worse and is not."""


def losses(compared: Mapping[str, Comparison], tolerance: Tolerance) -> dict[str, list[str]]:
    """By partition, what it has lost significantly and beyond the tolerance, each in a line.

    `compared` holds each partition's newer score (B) against its older one (A). With several of
    them the level is divided by their number (Bonferroni), so that a grid of forty does not raise
    two false alarms a night.
    """
    level = tolerance.alpha / max(1, len(compared))
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
