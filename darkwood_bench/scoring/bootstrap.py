"""Bootstrap over tasks: 95 % intervals of a rate, of its cost, and of the quotient of two rates.

Tasks over one database share its tables, its style and its difficulties, so they are no independent
draws: databases are drawn, each with all of its tasks (Field, C. A. and Welsh, A. H. (2007),
"Bootstrapping clustered data", JRSS B 69, 369-390). The percentiles of few databases are too
narrow: below `MANY_CLUSTERS` tasks are drawn one by one as well, and the wider end counts; below
`MIN_CLUSTERS` they alone are drawn. Intervals are percentiles of the resamples: Efron, B. (1979),
"Bootstrap methods: another look at the jackknife", Annals of Statistics 7, 1-26.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from darkwood_bench.scoring.intervals import Interval

MIN_CLUSTERS = 5
MANY_CLUSTERS = 30
RESAMPLES = 10_000

_AT_ONCE = 1 << 18
"""Draws that are made and summed at a time: few enough for a core's cache."""


@dataclass(frozen=True)
class Spread:
    """Intervals of one system's figures."""

    rate: Interval
    """Of sum(gains) / sum(costs)."""
    cost: Interval
    """Of sum(costs) over as many tasks as there are."""


def resampled(
    columns: Sequence[Sequence[float]] | np.ndarray,
    clusters: Sequence[str],
    resamples: int,
    seed: int,
) -> np.ndarray:
    """The sum of each column in each resample; shape (columns, resamples).

    A column has one value a task. As many clusters are drawn as there are, with replacement, the
    same for every column; `clusters` names each task's.
    """
    names, member = np.unique(np.asarray(clusters), return_inverse=True)
    of_clusters = np.stack([np.bincount(member, column, len(names)) for column in columns])
    random = np.random.default_rng(seed)
    sums = np.empty((len(of_clusters), resamples))
    step = max(1, _AT_ONCE // len(names))
    for start in range(0, resamples, step):
        size = (min(step, resamples - start), len(names))
        drawn = random.integers(len(names), size=size, dtype=np.int32)
        for column, total in zip(of_clusters, sums, strict=True):
            total[start : start + step] = column[drawn].sum(axis=1)
    return sums


def bootstrap_rate(
    gains: Sequence[float],
    costs: Sequence[Sequence[float]],
    clusters: Sequence[str],
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Spread | None:
    """Intervals of sum(gains) / sum(costs) and of sum(costs); the sequences have one entry a task.

    A task has a cost for each repeat of the whole run, and as many as every other. A resample draws
    as many repeats with replacement, too, the same for every task (what slows a repeat slows it
    whole), and takes their mean.
    None for fewer than two tasks or for a cost of zero: there is no spread to estimate.
    """
    cost = np.asarray(costs, float)
    if len(cost) < 2 or cost.sum() <= 0:
        return None
    columns = [np.asarray(gains, float), np.ones(len(cost)), *cost.T]
    rates, totals = [], []
    for drawn in _drawings(clusters):
        gained, tasks, *of_repeats = resampled(columns, drawn, resamples, seed)
        total_costs = _mean_of_drawn(np.stack(of_repeats, axis=1), (seed, 1))
        rates.append(_percentiles(_quotients(gained, total_costs)))
        # Databases differ in how many tasks they have: the cost is that of as many as there are.
        totals.append(_percentiles(_quotients(total_costs, tasks) * len(cost)))
    return Spread(_widest(rates), _widest(totals))


System = tuple[Sequence[float], Sequence[Sequence[float]]]
"""Gains and costs, an entry a task; a task has a cost for each repeat, as many as every other."""


def bootstrap_quotient(
    one: System,
    other: System,
    clusters: Sequence[str],
    *,
    level: float = 0.05,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Interval | None:
    """Interval of the first system's rate over the second's, on the same tasks: 1 - `level` of the
    resamples lie in it. Below a level of 2 / resamples it has them all.

    Tasks come in the same order in both. Repeats are drawn as `bootstrap_rate` draws them, each
    system's for itself: with one repeat nothing is known of how its cost varies from run to run.
    A resample in which the second has no gain counts as infinite, unless the first has none either
    (then as 1). None where the quotient itself has no value.
    """
    costs = [np.asarray(system[1], float) for system in (one, other)]
    if len(clusters) < 2 or sum(other[0]) <= 0 or min(cost.sum() for cost in costs) <= 0:
        return None
    columns = [np.asarray(one[0]), *costs[0].T, np.asarray(other[0]), *costs[1].T]
    found = []
    for drawn in _drawings(clusters):
        sums = resampled(columns, drawn, resamples, seed)
        rates = []
        for number, of_system in enumerate(np.split(sums, [1 + costs[0].shape[1]]), start=1):
            gains, *of_repeats = of_system
            total_costs = _mean_of_drawn(np.stack(of_repeats, axis=1), (seed, number))
            rates.append(_quotients(gains, total_costs))
        with np.errstate(divide="ignore", invalid="ignore"):
            quotients = rates[0] / rates[1]
        found.append(_percentiles(np.nan_to_num(quotients, nan=1.0, posinf=np.inf), level))
    return _widest(found)


def _drawings(clusters: Sequence[str]) -> list[Sequence[str]]:
    """The ways of drawing: by cluster, and task by task where there are few clusters."""
    count = len(set(clusters))
    by_task = [str(task) for task in range(len(clusters))]
    if count < MIN_CLUSTERS:
        return [by_task]
    return [clusters] if count >= MANY_CLUSTERS else [clusters, by_task]


def _widest(intervals: Sequence[Interval]) -> Interval:
    return Interval(min(one.low for one in intervals), max(one.high for one in intervals))


def _mean_of_drawn(costs: np.ndarray, seed: tuple[int, ...]) -> np.ndarray:
    """Of costs in each repeat, shape (resamples, repeats), the mean of as many drawn repeats."""
    resamples, repeats = costs.shape
    drawn = np.random.default_rng(seed).multinomial(
        repeats, np.full(repeats, 1 / repeats), size=resamples
    )
    return (costs * drawn).sum(axis=1) / repeats


def _quotients(dividends: np.ndarray, divisors: np.ndarray) -> np.ndarray:
    return np.divide(dividends, divisors, where=divisors > 0, out=np.zeros(len(divisors)))


def _percentiles(values: np.ndarray, level: float = 0.05) -> Interval:
    """Ends that were drawn rather than interpolated, so that an infinite one stays infinite."""
    low = np.quantile(values, level / 2, method="lower")
    return Interval(float(low), float(np.quantile(values, 1 - level / 2, method="higher")))
