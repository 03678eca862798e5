"""What is asked, and what is shown as answered: data only."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from darkwood_bench.prompting.relations import Relation
from darkwood_bench.prompting.summary import TableSummary

TableSchema = Mapping[str, str]
"""Column name to Polars dtype, as text: {'mana_cost': 'Int64'}."""


@dataclass(frozen=True)
class Question:
    """A request over tables whose columns are known."""

    task_id: str
    text: str
    tables: Mapping[str, TableSchema]
    summaries: Mapping[str, TableSummary] = field(default_factory=dict)
    """What the tables' data says, by table, as far as it was read."""
    relations: tuple[Relation, ...] = ()
    """Keys that the tables' data have in common, as far as it was read."""


@dataclass(frozen=True)
class Example:
    """A question with its right answer, to be shown as a worked example."""

    question: Question
    code: str
    category: str
    suite: str
    output_columns: tuple[str, ...] = ()
    """Of the right answer, in order; empty where they are not known."""
    sql: str | None = None
    """The same as one SQL query, where it is known."""
