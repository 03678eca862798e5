"""What a correct answer costs beside gold, and the scores that others make of that."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Efficiency:
    """Cost of a correct answer over gold's, both measured in turns."""

    cpu_ratio: float
    """Least CPU time over gold's."""
    memory_ratio: float
    """Least peak memory over gold's."""
    cpu_range: tuple[float, float]
    """Lowest and highest ratio of one turn: the spread of `cpu_ratio`."""
    memory_range: tuple[float, float]
    cpu_noise: float
    """The ratio that gold against gold reaches by chance, at least 1."""
    memory_noise: float
    beyond: float | None = None
    """See `beyond`; None where too few solutions of the task are known."""

    @property
    def proven_cpu_ratio(self) -> float:
        """What is left of a difference when noise is granted: 1 where noise explains it all."""
        return proven(self.cpu_ratio, self.cpu_range, self.cpu_noise)


def proven(ratio: float, turns: tuple[float, float], noise: float) -> float:
    """The part of a ratio that is past the noise and that every turn shows, towards 1.

    Gold is measured against itself at another moment, which may have been a quieter one: what the
    turns do not agree on is not claimed either.
    """
    left = past_noise(ratio, noise)
    low, high = turns
    return max(1.0, min(left, low)) if ratio > 1 else min(1.0, max(left, high))


def past_noise(ratio: float, noise: float) -> float:
    """A ratio moved towards 1 by the noise, and no further."""
    return max(1.0, ratio / noise) if ratio > 1 else min(1.0, ratio * noise)


def r_ves(cpu_ratio: float | None) -> float:
    """Reward of BIRD's R-VES, from 0 to 1.25; None: a wrong answer, which earns nothing.

    BIRD: Li et al., "Can LLM Already Serve as a Database Interface?", NeurIPS 2023
    (arXiv:2305.03111); the reward by steps is that of its Mini-Dev's evaluation. There it is gold's
    time over the answer's that is rewarded, here the same of CPU time. BIRD's score of a run is
    100 x the mean of the square roots.
    """
    if cpu_ratio is None:
        return 0.0
    speed = 1 / cpu_ratio
    steps = ((2.0, 1.25), (1.0, 1.0), (0.5, 0.75), (0.25, 0.5))
    return next((reward for least, reward in steps if speed >= least), 0.25)


MIN_SOLUTIONS = 3
"""Programs of a task, gold among them, below which there is nothing to be beyond of."""


def beyond(cpu_ratio: float, solutions: Sequence[float]) -> float | None:
    """Where an answer's CPU time lies between the slowest (0) and the fastest (1) known solution.

    Mercury's Beyond: Du et al., "Mercury: A Code Efficiency Benchmark for Code Large Language
    Models", NeurIPS 2024 (arXiv:2402.07844). Mercury takes the solutions of past contests; these
    are gold (1.0) and every correct answer that was measured on the task before, as ratios to gold.
    None for fewer than `MIN_SOLUTIONS`, or where all took the same.
    """
    if len(solutions) < MIN_SOLUTIONS:
        return None
    slowest, fastest = max(solutions), min(solutions)
    if slowest == fastest:
        return None
    return (slowest - min(max(cpu_ratio, fastest), slowest)) / (slowest - fastest)
