"""Several candidates for one answer, and which of them is taken: the one whose result most have.

Self-consistency (Wang et al. 2022, arXiv:2203.11171) over results: what is counted is what programs
give over the question's own tables, not how they are written. Gold has no part in it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Ran:
    """What a candidate's program gave."""

    group: int | None
    """Candidates for one question whose results are equal have one number; None: there is none."""
    peak_memory_bytes: int = 0
    """Of the program, on top of the sandbox that it ran in."""


Run = Callable[[str, float], Ran]
"""Runs a program for so many seconds at most. It runs elsewhere: nothing here runs code."""


@dataclass(frozen=True)
class Vote:
    """How candidates are made and run; all of it is in the answer's time."""

    candidates: int
    """At most: no more are made once the others cannot change which is taken."""
    temperature: float
    """Of every candidate but the first, which is decoded as the run says. Their seeds differ."""
    run: Run


@dataclass
class Ballot:
    """The candidates for one answer so far. A candidate without a result has no vote."""

    of: int
    """Candidates at most."""
    groups: list[int | None] = field(default_factory=list)
    """Of each candidate, in the order in which they came."""

    def cast(self, group: int | None) -> None:
        """One more candidate."""
        self.groups.append(group)

    @property
    def chosen(self) -> int:
        """The place of the candidate that is taken: the first of the largest group; among groups
        of one size, of the one that came first; the first candidate where none has a result.

        Raises ValueError where there is no candidate.
        """
        if not self.groups:
            raise ValueError("no candidates")
        ranked = self._ranked()
        return ranked[0][1] if ranked else 0

    @property
    def is_decided(self) -> bool:
        """Whether candidates that are still to come cannot change which is taken."""
        left = self.of - len(self.groups)
        if left <= 0:
            return True
        ranked = self._ranked()
        if not ranked or left > ranked[0][0]:
            return False  # what is to come may be the largest group, on its own
        size, first = ranked[0]
        return all(
            rival + left < size or (rival + left == size and first < place)
            for rival, place in ranked[1:]
        )

    def _ranked(self) -> list[tuple[int, int]]:
        """Size and first place of each group, the one that leads first."""
        found = {group for group in self.groups if group is not None}
        sized = [(self.groups.count(group), self.groups.index(group)) for group in found]
        return sorted(sized, key=lambda one: (-one[0], one[1]))
