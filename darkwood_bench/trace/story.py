"""What happened to one question: asked, answered, run, judged. Plain values, in that order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from darkwood_bench.trace.cells import CellTables

Row = Mapping[str, Any]
LEVELS = ("no code", "parses", "runs", "correct", "correct and efficient")
BASE = "base"


@dataclass(frozen=True)
class Answer:
    """Where one answer is."""

    model: str
    variant: str
    task_id: str
    generation_id: str


@dataclass(frozen=True)
class Line:
    """An answer in short: a line of a table of many."""

    answer: Answer
    level: int
    correct: bool
    verified: bool
    """Whether an oracle confirms the gold that it was judged by."""
    failure_class: str | None
    why: str
    """One line; empty for a correct answer."""


@dataclass(frozen=True)
class Story:
    """All of one answer. Each part is a row, or rows, of the table of its stage."""

    answer: Answer
    task: Row
    prompt: Row
    attempts: tuple[Row, ...]
    """Rows of `generations`; the last is the answer."""
    executions: tuple[Row, ...]
    """Over the base data first, then over each variant."""
    verdict: Row
    difference: Row | None
    """A row of `differences`: the result beside gold. None where that table was not made."""

    @property
    def changed_since(self) -> bool:
        """Whether the suite is another now: question and gold are then today's."""
        return self.task["dataset_hash"] != self.verdict["dataset_hash"]

    @property
    def level(self) -> str:
        """The level in words."""
        return LEVELS[self.verdict["level"]]


def lines_of(cell: CellTables, failure_class: str | None = None) -> Iterator[Line]:
    """A line for each answer of a partition, in the order of its verdicts; or of one class."""
    verified = dict(cell.tasks.select("task_id", "verified").iter_rows())
    for row in cell.tables["validations"].iter_rows(named=True):
        if failure_class in (None, row["failure_class"]):
            yield Line(
                Answer(cell.model, cell.variant, row["task_id"], row["generation_id"]),
                row["level"],
                row["correct"],
                verified.get(row["task_id"], True),
                row["failure_class"],
                why(row),
            )


def story_of(cell: CellTables, task_id: str) -> Story | None:
    """The story of a partition's answer to a task.

    None where the task was not asked there, or the suites that were read last do not have it.
    """
    tasks = cell.tasks.filter(pl.col("task_id") == task_id).to_dicts()
    verdicts = cell.of_task("validations", task_id)
    prompts = cell.of_task("prompts", task_id)
    attempts = cell.of_task("generations", task_id)
    if not (tasks and verdicts and prompts and attempts):
        return None
    executions = cell.of_task("executions", task_id)
    differences = cell.of_task("differences", task_id)
    generation = str(attempts[-1]["generation_id"])
    return Story(
        Answer(cell.model, cell.variant, task_id, generation),
        tasks[-1],
        prompts[-1],
        tuple(attempts),
        tuple(sorted(executions, key=lambda row: row["data_variant"] != BASE)),
        verdicts[-1],
        differences[-1] if differences else None,
    )


def why(verdict: Row) -> str:
    """Why an answer is wrong, in a line; empty where it is not."""
    if verdict["correct"]:
        return ""
    return " · ".join(part for part in (verdict["failure_detail"], *reasons(verdict)) if part)


def reasons(verdict: Row) -> Iterator[str]:
    """What there is to say of a wrong answer beside its class, a line each."""
    if verdict["correct_ignoring_names"]:
        yield "right but for the columns' names"
    if verdict["correct_on_base"]:
        yield "right on the base data; caught by other data"
    if verdict["mismatch"]:
        yield verdict["mismatch"]
