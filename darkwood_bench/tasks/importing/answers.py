"""What imported gold yields: its columns, which the file does not say."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from darkwood_bench.tasks.importing.rows import BadRow, Imported

Kind = Literal["frame", "lazy", "series", "scalar"]


@dataclass(frozen=True)
class Answer:
    """An imported question and what its gold yields."""

    question: Imported
    output_columns: tuple[str, ...]
    kind: Kind
    """What `result` is; of a Series or a scalar, names do not matter."""

    @property
    def ignore_names(self) -> bool:
        return self.kind in ("series", "scalar")


RunOne = Callable[[str, Mapping[str, Path]], tuple[Sequence[str], Kind]]
"""Runs code over tables (name -> Parquet) and gives the result's columns and kind.

Raises ValueError, in one line, for code that does not end well."""


def with_answers(
    questions: Sequence[Imported], tables: Mapping[str, Path], run: RunOne
) -> tuple[list[Answer], list[BadRow]]:
    """Run each gold over its own tables only, and say why where it cannot be used."""
    good: list[Answer] = []
    bad: list[BadRow] = []
    for question in questions:
        own = {name: tables[name] for name in question.sources}
        try:
            columns, kind = run(question.gold_code, own)
        except ValueError as error:
            bad.append(BadRow(question.index, "gold_code", f"{error}; mend the code"))
            continue
        if unknown := [name for name in question.order_by if name not in columns]:
            problem = f"'{unknown[0]}' is no column of the result; use {', '.join(columns)}"
            bad.append(BadRow(question.index, "order_by", problem))
        elif not columns:
            bad.append(BadRow(question.index, "gold_code", "gives no column; select some"))
        else:
            good.append(Answer(question, tuple(columns), kind))
    return good, bad
