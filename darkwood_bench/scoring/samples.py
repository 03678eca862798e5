"""Several answers to every task: kept scores of one system that differ in their seed alone."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from darkwood_bench.scoring.bootstrap import bootstrap_rate
from darkwood_bench.scoring.comparison import CONDITIONS
from darkwood_bench.scoring.intervals import Interval, wilson
from darkwood_bench.scoring.pass_at_k import pass_at_k

Row = Mapping[str, Any]
"""A row of `tables.SCORES` for all of a partition's tasks."""
_DRAWN = re.compile(r"(?P<slice>.*, temperature [^,]+), seed (?P<seed>\d+)")
"""As `assets.slices.RunConfig.slice` writes it; a greedy run has no seed."""


@dataclass(frozen=True)
class Samples:
    """What one system answered under different seeds."""

    slice: str
    """Which tasks, at which temperature; without the seed."""
    seeds: tuple[int, ...]
    """Ascending; a seed is a sample of every task."""
    correct: Mapping[str, int]
    """Task to how many of its samples are right."""
    databases: Mapping[str, str]
    """Task to its database."""

    def pass_at(self, k: int) -> tuple[float, Interval | None]:
        """The mean over tasks of the chance that one of k samples is right, and its 95 % interval
        over databases (None where there is nothing to resample). Where every task has the same
        chance of 0 or 1, resampling would say that it is certain: Wilson's, over tasks, does not.

        Raises ValueError for k beyond the number of samples.
        """
        each = [pass_at_k(len(self.seeds), right, k) for right in self.correct.values()]
        if set(each) in ({0.0}, {1.0}):
            return each[0], wilson(round(sum(each)), len(each))
        clusters = [self.databases[task] for task in self.correct]
        spread = bootstrap_rate(each, [(1.0,)] * len(each), clusters)
        return sum(each) / len(each), spread and spread.rate


def samples_of(rows: Iterable[Row]) -> list[Samples]:
    """The samples of a partition's kept scores, those with most seeds first.

    Scores belong together where all that they depend on is the same but the seed; of one seed that
    was asked twice the later counts. Greedy scores are not samples.
    """
    found: dict[tuple[Any, ...], dict[int, Row]] = {}
    for row in sorted(rows, key=lambda row: row["scored_at"]):
        drawn = _DRAWN.fullmatch(row["slice"])
        if drawn is not None:
            conditions = (row[name] for name in CONDITIONS if name != "slice")
            key = (drawn["slice"], tuple(row["task_ids"]), *conditions)
            found.setdefault(key, {})[int(drawn["seed"])] = row
    made = [_joined(key[0], of_seeds) for key, of_seeds in found.items()]
    return sorted(made, key=lambda samples: -len(samples.seeds))


def _joined(name: str, of_seeds: Mapping[int, Row]) -> Samples:
    rows: Sequence[Row] = list(of_seeds.values())
    tasks = rows[0]["task_ids"]
    right = zip(*(row["correct"] for row in rows), strict=True)
    return Samples(
        slice=name,
        seeds=tuple(sorted(of_seeds)),
        correct={task: sum(each) for task, each in zip(tasks, right, strict=True)},
        databases=dict(zip(tasks, rows[0]["databases"], strict=True)),
    )
