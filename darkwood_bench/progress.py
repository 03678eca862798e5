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


Report = Callable[[Progress], None]


def silent(_: Progress) -> None:
    """Report nothing."""
