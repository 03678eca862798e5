"""From a model's text to the code that stands: extraction, compiling, static repair, a dry run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import polars as pl

from darkwood_bench.harness.code_lines import assigns_result, parses
from darkwood_bench.harness.extraction import extract_code
from darkwood_bench.harness.feedback import Problem
from darkwood_bench.harness.repair import repair
from darkwood_bench.harness.voting import Ran, Vote

Schemas = Mapping[str, Mapping[str, pl.DataType]]


@dataclass(frozen=True)
class Checked:
    """What a dry run found."""

    problem: Problem | None
    """Why the program fails whatever the tables hold; None for one that may not."""
    peak_memory_bytes: int = 0
    """Of the program, on top of the sandbox that it ran in."""


Check = Callable[[str, float], Checked]
"""Tries a program for so many seconds at most. It runs elsewhere: nothing here runs code."""


@dataclass(frozen=True)
class Finishing:
    """What is done with an answer beyond taking the code out of it; all of it is in its time."""

    schemas: Schemas
    """The columns of the tables that the program finds."""
    language: Literal["polars", "sql"] = "polars"
    """What the answer is written in: sql is compiled to Polars code."""
    static_repair: bool = False
    check: Check | None = None
    attempts: int = 0
    """Attempts at most, after the first, for a program that the check finds fault with."""
    vote: Vote | None = None
    """Several candidates, of which one is taken."""

    def row(self) -> dict[str, Any]:
        """What can change an answer or its time, for its id."""
        attempts = self.attempts if self.check else 0
        row: dict[str, Any] = {"static_repair": self.static_repair, "attempts": attempts}
        if self.vote is not None:
            vote = {"candidates": self.vote.candidates, "temperature": self.vote.temperature}
            row["vote"] = vote
        return row if self.language == "polars" else {**row, "language": self.language}


@dataclass(frozen=True)
class Final:
    """The code of an answer, and how it came about."""

    code: str | None
    rewrites: tuple[str, ...] = ()
    """Of static repair, or of what was mended in a query."""
    checked: Checked | None = None
    """What the dry run found; None where there was none."""
    ran: Ran | None = None
    """What it gave as a candidate; None where it is none, or has no code."""

    @property
    def problem(self) -> Problem | None:
        """Why the code fails whatever the tables hold, where a dry run says so."""
        return self.checked.problem if self.checked else None


def final_code(text: str, finishing: Finishing | None) -> Final:
    """The code that follows from a text alone: no dry run."""
    if finishing is not None and finishing.language == "sql":
        return _compiled(text, finishing)
    code = extract_code(text)
    if code is None or finishing is None or not finishing.static_repair:
        return Final(code)
    repaired = repair(code, finishing.schemas)
    return Final(repaired.code, repaired.rewrites)


def _compiled(text: str, finishing: Finishing) -> Final:
    """The Polars code of an answer in SQL, or the reason why there is none."""
    from darkwood_bench.harness.sql import Untranslatable, compile_answer

    written = extract_code(text)
    if written is not None and parses(written) and assigns_result(written):
        return Final(written)  # Polars code already, whatever was asked for
    try:
        compiled = compile_answer(text, finishing.schemas)
    except Untranslatable as error:
        return Final(None, checked=Checked(Problem("not_compiled", message=str(error))))
    return Final(compiled.code, compiled.mended)


def finished(text: str, finishing: Finishing | None, left_s: float) -> Final:
    """The code of an answer, after all that is done with it; what runs it may take `left_s`."""
    final = final_code(text, finishing)
    if finishing is not None and finishing.vote is not None and final.code is not None:
        return replace(final, ran=finishing.vote.run(final.code, left_s))
    if finishing is None or finishing.check is None:
        return final
    if final.code is None:
        return replace(final, checked=final.checked or Checked(Problem("no_code")))
    return Final(final.code, final.rewrites, finishing.check(final.code, left_s))
