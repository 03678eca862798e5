"""Questions answered in SQL: how tables and examples are shown, what the grammar admits."""

import pytest
from gbnf import Gbnf

from darkwood_bench.prompting import (
    Example,
    Question,
    Variant,
    build_messages,
    sql_grammar,
    variant_hash,
)

TABLES = {
    "orders": {"id": "Int64", "customer": "Int64", "day": "Date", "order": "String"},
    "people": {"id": "Int64", "full name": "String", "tall": "Boolean"},
}
QUESTION = "Per day the number of orders (n) and the lowest price (lowest)."


def variant(**settings: object) -> Variant:
    entry = {"name": "v", "about": "a", "system": "s", "language": "sql", "answer": "bare"}
    return Variant.model_validate({**entry, "schema": "sql", **settings})


def test_tables_stand_as_sql_has_them_and_examples_are_queries() -> None:
    shown = Example(
        Question("x/one", "How many?", TABLES),
        "result = orders.select(n=pl.len())",
        "joins",
        "x",
        ("n",),
        "SELECT count(*) AS n\nFROM orders",
    )
    asked = Question("x/two", "Who?", TABLES)
    messages = build_messages(variant(examples={"categories": ["joins"]}), asked, [shown])
    assert [message["content"] for message in messages[2:]] == [
        "SELECT count(*) AS n FROM orders",
        'orders(id INTEGER, customer INTEGER, day DATE, "order" TEXT)\n'
        'people(id INTEGER, "full name" TEXT, tall BOOLEAN)\n\nQuestion: Who?',
    ]


@pytest.mark.parametrize(
    "settings",
    [
        {"grammar": "polars"},
        {"language": "polars", "grammar": "sql"},
        {"static_repair": True},
        {"examples": {"categories": ["joins"], "code": "compact"}},
    ],
)
def test_what_belongs_to_another_language_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="language"):
        variant(**settings)


def test_the_language_is_part_of_what_is_asked() -> None:
    assert variant_hash(variant()) != variant_hash(variant(language="polars"))


@pytest.mark.parametrize(
    "query",
    [
        "SELECT day, count(*) AS n FROM orders GROUP BY day ORDER BY n DESC LIMIT 3",
        'SELECT o.id, p."full name" FROM orders o LEFT JOIN people AS p ON p.id = o.customer',
        "SELECT day, min(id) AS lowest FROM orders WHERE day >= DATE '2024-01-01' GROUP BY day",
        "SELECT id FROM people WHERE NOT tall AND id IN (SELECT customer FROM orders)",
        "SELECT id, rank() OVER (PARTITION BY day ORDER BY id DESC) AS n FROM orders;",
        "SELECT CASE WHEN id > 1 THEN 'a' ELSE 'it''s' END AS lowest FROM orders",
    ],
)
def test_queries_over_the_tables_follow_the_grammar(query: str) -> None:
    assert Gbnf(sql_grammar(TABLES, QUESTION)).accepts(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT lowest, n FROM orders",  # they are to be computed
        "SELECT id FROM customers",
        "SELECT name FROM people",
        "SELECT full name FROM people",
        "SELECT count(*) FROM orders",  # it has no name
        "SELECT count(*) AS total FROM orders",  # the question has no such word
        "SELECT frobnicate(id) AS n FROM orders",
        "DROP TABLE orders",
        "SELECT id FROM orders; SELECT id FROM people",
    ],
)
def test_what_is_not_there_cannot_be_written(query: str) -> None:
    assert not Gbnf(sql_grammar(TABLES, QUESTION)).accepts(query)


@pytest.mark.parametrize(
    ("query", "follows"),
    [
        ("SELECT day, count(*) AS n FROM orders GROUP BY day", True),
        ("SELECT o.day, o.id AS n FROM orders o", True),
        ("SELECT min(day) AS day, id + 1 AS n FROM orders", True),
        ("SELECT DISTINCT day, id AS n FROM (SELECT * FROM orders) AS o ORDER BY n", True),
        ("SELECT count(*) AS n, day FROM orders GROUP BY day", False),
        ("SELECT day FROM orders", False),
        ("SELECT day, count(*) AS n, id FROM orders GROUP BY day", False),
        ("SELECT * FROM orders", False),
        ("SELECT day, n FROM orders", False),  # it is to be computed
    ],
)
def test_an_answer_held_to_its_output_columns_has_just_these(query: str, follows: bool) -> None:
    assert Gbnf(sql_grammar(TABLES, QUESTION, ["day", "n"])).accepts(query) == follows


def test_output_columns_with_blanks_are_quoted() -> None:
    grammar = sql_grammar(TABLES, QUESTION, ["full name", "in all"])
    assert Gbnf(grammar).accepts('SELECT "full name", count(*) AS "in all" FROM people')


def test_only_the_grammar_of_queries_can_hold_output_columns() -> None:
    with pytest.raises(ValueError, match="hold_outputs needs grammar: sql"):
        variant(hold_outputs=True)
    assert variant(grammar="sql", hold_outputs=True).hold_outputs
