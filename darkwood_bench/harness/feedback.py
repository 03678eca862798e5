"""What a model is told of an answer that fails, so that it can mend it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from darkwood_bench.foreign_names import counterparts
from darkwood_bench.polars_api import MODULE, kinds, members

_MOST_CHARS = 300
"""Of an error: reading costs time, and a plan below the first line says little."""
_AGAIN = "Write the whole {} again, corrected. Reply with code only."
_NO_ATTRIBUTE = re.compile(r"'(\w+)'.* has no attribute '(\w+)'")
_NOT_DEFINED = re.compile(r"name '(\w+)' is not defined")


@dataclass(frozen=True)
class Problem:
    """Why a program fails whatever the tables hold."""

    status: str
    """As an execution ends (runtime_error, syntax_error, no_result), no_code, or not_compiled."""
    error_class: str | None = None
    message: str | None = None
    line: str | None = None
    """The line of the program that failed."""

    @property
    def summary(self) -> str:
        """The error in one line."""
        if self.status in ("no_code", "no_result"):
            return {"no_code": "no code", "no_result": "`result` is no DataFrame"}[self.status]
        first = (self.message or self.status).strip().split("\n")[0]
        short = first if len(first) <= _MOST_CHARS else first[:_MOST_CHARS] + " …"
        return f"{self.error_class}: {short}" if self.error_class else short


def correction(problem: Problem, tables: Mapping[str, Sequence[str]]) -> str:
    """The user turn that asks for the program again: the error, and the names that there are.

    `tables`: the columns of each table that the program finds.
    """
    if problem.status == "no_code":
        return "There is no Python code in this answer. Reply with code only."
    if problem.status == "not_compiled":
        return "\n".join(
            [f"This query fails: {problem.summary}", _columns(tables), _AGAIN.format("query")]
        )
    where = f" in `{problem.line.strip()}`" if problem.line else ""
    parts = [f"This fails{where}: {problem.summary}"]
    if names := _names(problem, tables):
        parts.append(names)
    parts.append(_AGAIN.format("program"))
    return "\n".join(parts)


def follow_up(
    messages: Sequence[Mapping[str, str]],
    answer: str,
    problem: Problem,
    tables: Mapping[str, Sequence[str]],
) -> list[Mapping[str, str]]:
    """A conversation with an answer that fails and what the model is told of it, which comes last.

    `tables`: the columns of each table that the program finds.
    """
    return [
        *messages,
        {"role": "assistant", "content": answer},
        {"role": "user", "content": correction(problem, tables)},
    ]


def _names(problem: Problem, tables: Mapping[str, Sequence[str]]) -> str | None:
    """Valid names, where the error does not list them itself."""
    message = problem.message or ""
    if found := _NO_ATTRIBUTE.search(message):
        owner, name = found.groups()
        return _members(MODULE if owner not in kinds() else owner, name)
    if problem.error_class == "ColumnNotFoundError":
        return _columns(tables)
    if _NOT_DEFINED.search(message):
        return f'Tables: {", ".join(tables)}. Columns are named in quotes: pl.col("name").'
    return None


def _columns(tables: Mapping[str, Sequence[str]]) -> str:
    lines = [f"{table}: {', '.join(columns)}" for table, columns in tables.items()]
    return "Columns: " + "; ".join(lines)


def _members(owner: str, name: str) -> str | None:
    close = get_close_matches(name, members(owner), n=4, cutoff=0.5)
    found = [*counterparts(name), *(other for other in close if other not in counterparts(name))]
    return f"Polars has: {', '.join(found)}" if found else None
