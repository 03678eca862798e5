"""How tables are shown to the model."""

import re
from collections.abc import Collection

from darkwood_bench.prompting.dtypes import short_dtype
from darkwood_bench.prompting.literals import name, quoted, value
from darkwood_bench.prompting.question import Question
from darkwood_bench.prompting.relevance import relevant_columns, relevant_tables
from darkwood_bench.prompting.sql_names import sql_name, sql_type
from darkwood_bench.prompting.summary import ColumnSummary
from darkwood_bench.prompting.variants import Rendering


def render_schema(question: Question, rendering: Rendering) -> str:
    """The tables of a question as text for a prompt, in the order given.

    What the rendering asks of the data is left out where the data was not read. Columns are quoted,
    as code has to: where they were not, small models wrote them bare.
    """
    shown = question.tables
    if rendering.at_most is not None:
        shown = relevant_tables(question, rendering.at_most)
    if rendering.layout == "names":
        return "Tables: " + ", ".join(shown)
    tables = [
        _table(table, _columns(question, table, rendering), rendering)
        for table, columns in shown.items()
    ]
    relations = _relations(question, shown) if rendering.relations else []
    mentions = _mentions(question, shown) if rendering.mentions else []
    return "\n".join([*tables, *relations, *mentions])


def _table(table: str, columns: list[str], rendering: Rendering) -> str:
    if rendering.layout == "sql":
        return f"{sql_name(table)}({', '.join(columns)})"
    if rendering.layout == "lines":
        return f"{table}({', '.join(columns)})"
    return "\n".join([f"Table {table}:", *(f"  {column}" for column in columns)])


def _columns(question: Question, table: str, rendering: Rendering) -> list[str]:
    columns = question.tables[table]
    dtype = short_dtype if rendering.dtypes == "short" else str
    sql = rendering.layout == "sql"
    summary = question.summaries.get(table)
    chosen = relevant_columns(question, table, rendering.columns_at_most or len(columns))
    return [
        (f"{sql_name(column)} {sql_type(polars)}" if sql else f"{quoted(column)}: {dtype(polars)}")
        + (_facts(summary.columns[column], rendering) if summary else "")
        for column, polars in columns.items()
        if column in chosen
    ]


def _facts(summary: ColumnSummary, rendering: Rendering) -> str:
    text = ""
    if values := summary.values[: rendering.samples]:
        more = "|…" if summary.distinct > len(values) else ""
        text += f" {'|'.join(map(value, values))}{more}"
    if rendering.null_shares and summary.null_share > 0:
        text += f" {max(1, round(summary.null_share * 100))}% null"
    return text


def _relations(question: Question, shown: Collection[str]) -> list[str]:
    return [
        f"{found.table}.{name(found.column)} -> {found.to_table}.{name(found.to_column)}"
        for found in question.relations
        if found.table in shown and found.to_table in shown
    ]


def _mentions(question: Question, shown: Collection[str]) -> list[str]:
    """The columns that the question spells as they are, in the order of the tables, each once."""
    spelled = dict.fromkeys(
        column
        for table in shown
        for column in question.tables[table]
        if re.search(rf"(?<!\w){re.escape(column)}(?!\w)", question.text)
    )
    return [f"Named in the question: {', '.join(map(quoted, spelled))}"] if spelled else []
