"""What long work says while it runs. A stage reports; who started it decides how to show it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """One step of a stage."""

    stage: str
    """The stage's name, as in the pipeline: generations, executions, …"""
    subject: str
    """What is worked on: a model and variant, a file that is fetched."""
    done: int
    total: int
    unit: str = "task"
    """What `done` and `total` count: task, database, byte."""
    note: str = ""
    """A short figure worth seeing, such as '38 tok/s'."""


class Pace:
    """How long work has left, from the pace since it was first heard of."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str], tuple[float, int]] = {}

    def left_s(self, progress: Progress, now: float) -> float | None:
        """Seconds left at `now` (any clock); None while there is no pace to tell it from."""
        began, done = self._first.setdefault(
            (progress.stage, progress.subject), (now, progress.done)
        )
        if not done < progress.done < progress.total:
            return None
        return (now - began) / (progress.done - done) * (progress.total - progress.done)


Report = Callable[[Progress], None]


def silent(_: Progress) -> None:
    """Report nothing."""
