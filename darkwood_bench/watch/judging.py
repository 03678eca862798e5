"""One score against the accepted one: worse, not worse, or to be measured again.

Two tests a partition: correct answers by McNemar's exact test, and the Score by a paired bootstrap.
Their level is `NIGHTLY.alpha` over twice the number of partitions with a baseline (Bonferroni), not
over how many happen to end together: a night's scores come one by one. What is lost must also be
beyond the tolerance.

Neither test knows that a whole run may be slow because its machine was. So answers lost are a
regression at once, while a Score lost with its answers kept is first `suspect`: it is a regression
when the next score of the partition, which is asked for at once, has lost it too. A T that was
taken beside other work confirms nothing.
"""

from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from darkwood_bench.score_history import newest_first, scored_partitions
from darkwood_bench.scoring import Comparison, Tolerance, answers_lost, compare_scores, score_lost
from darkwood_bench.tables import NOISY_LOAD
from darkwood_bench.watch.baselines import Row, accept, accepted_scores, baseline_of, conditions_of

NIGHTLY = Tolerance(accuracy=0.02, score=0.10, alpha=0.01)
"""What a night bears; `alpha` is the chance of any false alarm in it."""


class State(StrEnum):
    """What a score is beside its baseline."""

    NO_BASELINE = "no baseline"
    FIRST = "first"
    """It has become the baseline."""
    ACCEPTED = "accepted"
    """It is the baseline."""
    NOT_WORSE = "not worse"
    SUSPECT = "suspect"
    """Its Score has fallen; it is to be measured again."""
    UNSETTLED = "unsettled"
    """Its Score has fallen twice, and the machine was busy: measure on a quiet one."""
    WORSE = "worse"


@dataclass(frozen=True)
class Verdict:
    """A score, its baseline, and what was lost."""

    state: State
    row: Row
    baseline: Row | None = None
    comparison: Comparison | None = None
    lost: tuple[str, ...] = ()
    """What was lost beyond chance and tolerance, each in a line."""

    @property
    def partition(self) -> str:
        """MODEL/VARIANT, as commands take it."""
        return f"{self.row['model']}/{self.row['prompt_variant']}"

    @property
    def line(self) -> str:
        """All of it in one line."""
        parts = [f"{self.partition}: {self.state}"]
        if self.lost:
            parts.append("; ".join(self.lost))
        if self.state is State.UNSETTLED:
            parts.append("the machine was busy, measure again on a quiet one")
        if self.comparison is not None and self.comparison.differs and self.lost:
            parts.append(f"since then other {', '.join(self.comparison.differs)}")
        return ", ".join(parts)


def judge_score(tables: str, row: Row, partitions: int, *, accept_first: bool) -> Verdict:
    """Hold a score against its partition's accepted one.

    `partitions` is how many are judged a night. With `accept_first`, a score that nothing is
    accepted for becomes the baseline. Raises TableError where a kept score or an acceptance is
    damaged, and OSError where the first acceptance cannot be written.
    """
    baseline = baseline_of(tables, row)
    if baseline is None:
        if accept_first:
            accept(tables, row, by="first")
        return Verdict(State.FIRST if accept_first else State.NO_BASELINE, row)
    if baseline["score_id"] == row["score_id"]:
        return Verdict(State.ACCEPTED, row, baseline)
    level = NIGHTLY.level(partitions)
    found = compare_scores(baseline, row, level)
    answers = answers_lost(found, NIGHTLY, level)
    score = score_lost(found, NIGHTLY)
    lost = (*answers, *score)
    if not lost:
        return Verdict(State.NOT_WORSE, row, baseline, found)
    state = State.WORSE if answers else _settled(tables, row, baseline, level)
    return Verdict(state, row, baseline, found, lost)


def _settled(tables: str, row: Row, baseline: Row, level: float) -> State:
    """What a lost Score is, by the score that the partition had before it."""
    before = _before(tables, row, baseline)
    if before is None or not score_lost(compare_scores(baseline, before, level), NIGHTLY):
        return State.SUSPECT
    if _busy(row):
        return State.UNSETTLED
    return State.SUSPECT if _busy(before) else State.WORSE


def _before(tables: str, row: Row, baseline: Row) -> Row | None:
    """The score before this one, asked in the same way, and made after the baseline."""
    for other in newest_first(tables, row["model"], row["prompt_variant"]):
        if other["scored_at"] <= baseline["scored_at"]:
            return None
        if other["scored_at"] < row["scored_at"] and conditions_of(other) == conditions_of(row):
            return other
    return None


def _busy(row: Row) -> bool:
    return (row["other_load"] or 0.0) > NOISY_LOAD


def watched_partitions(tables: str) -> list[tuple[str, str]]:
    """Model and variant of every partition that something is accepted for, sorted."""
    return [
        partition
        for partition in scored_partitions(tables)
        if any(islice(accepted_scores(tables, *partition), 1))
    ]
