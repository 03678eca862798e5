"""Two scores beside one another: what was gained, what was lost, and whether it shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from darkwood_bench.scoring.bootstrap import bootstrap_quotient
from darkwood_bench.scoring.formula import score
from darkwood_bench.scoring.intervals import Interval
from darkwood_bench.scoring.paired import Paired, compare_paired

ALPHA = 0.05
"""Chance of calling equally good systems different."""
ENOUGH_REPEATS = 5
"""From so many on, drawing among them says how T varies from run to run."""
CONDITIONS = (
    "model",
    "prompt_variant",
    "slice",
    "mode",
    "budgets",
    "device",
    "backend",
    "versions",
    "isolation_level",
    "weights_sha256",
    "prompt_variant_hash",
    "dataset_hash",
)
"""Columns of `tables.SCORES` that a score depends on."""

Row = Mapping[str, Any]
"""A row of `tables.SCORES` for all of a partition's tasks."""


@dataclass(frozen=True)
class Comparison:
    """B against A, on the tasks that both were asked."""

    paired: Paired
    gained: tuple[str, ...]
    """Tasks that B has right and A wrong, sorted."""
    lost: tuple[str, ...]
    only_a: int
    """Tasks that only A was asked; they are left out."""
    only_b: int
    n_a: int
    """Tasks that A has right, of those that both were asked."""
    n_b: int
    score_ratio: float | None
    """B's N / T over A's, memory factors included; None where A has no score there."""
    score_ratio_interval: Interval | None
    time_ratio: float | None
    time_ratio_interval: Interval | None
    repeats: tuple[int, int]
    """How often A and B asked every prompt."""
    differs: Mapping[str, tuple[Any, Any]]
    """What the scores depend on and do not share: A's and B's."""

    @property
    def verdict(self) -> str:
        """One line, with its uncertainty."""
        if not self.paired.common:
            return "no verdict: they were not asked the same tasks"
        change = (
            f"N {self.n_a} -> {self.n_b} of {self.paired.common} (gained {len(self.gained)}, lost "
            f"{len(self.lost)}, p = {self.paired.p_value:.2g})"
        )
        if self.n_a:
            change += f", Score x {_ratio(self.score_ratio, self.score_ratio_interval)}"
        change += f", T x {_ratio(self.time_ratio, self.time_ratio_interval)}"
        return f"{self._accuracy}; {self._score}: {change}{self._unknown}"

    @property
    def _accuracy(self) -> str:
        if self.paired.p_value >= ALPHA:
            return "no difference in correctness shown"
        return "B answers more" if self.paired.gained > self.paired.lost else "B answers fewer"

    @property
    def _score(self) -> str:
        if not self.n_a:
            return "no ratio can be taken from a Score of 0"
        interval = self.score_ratio_interval
        if interval is None or interval.low <= 1 <= interval.high:
            return "none in Score"
        return "a higher Score" if interval.low > 1 else "a lower Score"

    @property
    def _unknown(self) -> str:
        """What the intervals of T and Score cannot know."""
        fewest = min(self.repeats)
        if fewest >= ENOUGH_REPEATS:
            return ""
        known = "one repeat nothing" if fewest == 1 else f"{fewest} repeats little"
        return f"; of {known} is known of how T varies from run to run (--repeats)"


def compare_scores(a: Row, b: Row, level: float = ALPHA) -> Comparison:
    """Compare two rows of the table `scores`, of the category 'all', task by task.

    The memory factors of their scores are taken as they were measured. `level` is the chance that
    an interval misses what it is of.
    """
    first, second = _by_task(a), _by_task(b)
    common = [task for task in first if task in second]
    right_a, right_b = ({task: tasks[task][0] for task in common} for tasks in (first, second))
    walls_a, walls_b = ([tasks[task][1] for task in common] for tasks in (first, second))
    costs_a, costs_b = ([tasks[task][3] for task in common] for tasks in (first, second))
    clusters = [first[task][2] for task in common]
    gains_a, gains_b = ([float(right[task]) for task in common] for right in (right_a, right_b))
    memory = _memory_factor(b, a)
    score_interval = bootstrap_quotient(
        (gains_b, costs_b), (gains_a, costs_a), clusters, level=level
    )
    # B's time over A's is A's tasks a second over B's.
    ones = [1.0] * len(common)
    time_interval = bootstrap_quotient((ones, costs_a), (ones, costs_b), clusters, level=level)
    rate_a, rate_b = _over(sum(gains_a), sum(walls_a)), _over(sum(gains_b), sum(walls_b))
    ratio = None
    if memory is not None and rate_a and rate_b is not None:
        ratio = rate_b / rate_a * memory
    return Comparison(
        paired=compare_paired(right_b, right_a),
        gained=tuple(sorted(task for task in common if right_b[task] and not right_a[task])),
        lost=tuple(sorted(task for task in common if right_a[task] and not right_b[task])),
        only_a=len(first) - len(common),
        only_b=len(second) - len(common),
        n_a=sum(right_a.values()),
        n_b=sum(right_b.values()),
        score_ratio=ratio,
        score_ratio_interval=_scaled(score_interval, memory),
        time_ratio=_over(sum(walls_b), sum(walls_a)),
        time_ratio_interval=time_interval,
        repeats=(_repeats(a), _repeats(b)),
        differs={name: (a[name], b[name]) for name in CONDITIONS if a[name] != b[name]},
    )


def _by_task(row: Row) -> dict[str, tuple[bool, float, str, Sequence[float]]]:
    columns = (row[name] for name in ("task_ids", "correct", "wall_s", "databases", "repeat_s"))
    return {task: tuple(rest) for task, *rest in zip(*columns, strict=True)}


def _repeats(row: Row) -> int:
    return len(row["repeat_s"][0]) if row["repeat_s"] else 1


def _memory_factor(b: Row, a: Row) -> float | None:
    """What B's score has from its memory, over what A's has; None where one has no score."""
    factors = [score(1.0, 1.0, row["VRAM_GB"], row["RAM_GB"]) for row in (b, a)]
    return factors[0] / factors[1] if factors[0] and factors[1] else None


def _over(dividend: float, divisor: float) -> float | None:
    return dividend / divisor if divisor > 0 else None


def _scaled(interval: Interval | None, factor: float | None) -> Interval | None:
    if interval is None or factor is None:
        return None
    return Interval(interval.low * factor, interval.high * factor)


def _ratio(value: float | None, interval: Interval | None) -> str:
    if value is None:
        return "unknown"
    return f"{value:.2f}" + (f" ({interval.low:.2f} to {interval.high:.2f})" if interval else "")
