"""What compiled code looks like, what is mended, and what is refused."""

import polars as pl
import pytest

from darkwood_bench.harness.sql import Untranslatable, compile_answer, compile_sql

TABLES: dict[str, dict[str, pl.DataType]] = {
    "orders": {
        "o_orderkey": pl.Int64(),
        "o_custkey": pl.Int64(),
        "o_totalprice": pl.Float64(),
        "o_orderdate": pl.Date(),
    },
    "customer": {"c_custkey": pl.Int64(), "c_name": pl.String(), "full name": pl.String()},
}


def code(sql: str) -> str:
    return compile_sql(sql, TABLES).code


def test_code_is_what_an_engineer_writes() -> None:
    sql = """
        SELECT c_name, sum(o_totalprice) AS spent, count(*) AS orders
        FROM orders JOIN customer ON c_custkey = o_custkey
        WHERE o_orderdate >= '2024-01-01' AND c_name LIKE 'A%'
        GROUP BY c_name ORDER BY spent DESC LIMIT 3
    """
    assert (
        code(sql)
        == """result = (
    orders
    .filter(pl.col("o_orderdate") >= pl.date(2024, 1, 1))
    .join(
        customer.filter(pl.col("c_name").str.starts_with("A")),
        left_on="o_custkey",
        right_on="c_custkey",
    )
    .group_by("c_name")
    .agg(
        spent=pl.when(pl.col("o_totalprice").count() > 0).then(pl.col("o_totalprice").sum()),
        orders=pl.len(),
    )
    .sort("spent", descending=True, nulls_last=True)
    .head(3)
)"""
    )


def test_what_is_missing_after_a_left_join_is_an_anti_join() -> None:
    sql = (
        "SELECT c_name FROM customer LEFT JOIN orders ON o_custkey = c_custkey "
        "WHERE o_orderkey IS NULL AND o_custkey IS NULL"
    )
    assert 'how="left"' in code(sql)
    sql = sql.replace("o_orderkey IS NULL AND ", "")
    assert 'how="anti"' in code(sql)


@pytest.mark.parametrize(
    ("sql", "written", "meant"),
    [
        ("SELECT custkey FROM Customer", '"c_custkey"', "custkey -> c_custkey"),
        ("SELECT c_name FROM Customers", "customer", "Customers -> customer"),
        ("SELECT full_name FROM customer", '"full name"', "full_name -> full name"),
        ("SELECT `full name` FROM customer", '"full name"', None),
        ('SELECT c_name FROM customer WHERE c_name = "Ada"', '== "Ada"', "\"Ada\" -> 'Ada'"),
        ("SELECT c_name FROM customer WHERE c_name = NULL", "is_null()", "= NULL -> IS NULL"),
        ("SELECT c_name, count(*) AS n FROM customer", "group_by", "grouped by c_name too"),
        (
            "SELECT o_orderkey FROM orders WHERE o_orderdate < '31-12-1996'",
            "pl.date(1996, 12, 31)",
            None,
        ),
    ],
)
def test_a_slip_with_one_meaning_is_mended(sql: str, written: str, meant: str | None) -> None:
    compiled = compile_sql(sql, TABLES)
    assert written in compiled.code
    assert meant is None or meant in compiled.mended


def test_a_table_left_out_of_from_is_joined_where_there_is_one_way() -> None:
    compiled = compile_sql("SELECT c_name, o_totalprice FROM orders", TABLES)
    assert 'join(customer, left_on="o_custkey", right_on="c_custkey")' in compiled.code
    assert compiled.mended == ("joined with customer on o_custkey",)
    two_ways = {**TABLES, "orders": {**TABLES["orders"], "s_custkey": pl.Int64()}}
    with pytest.raises(Untranslatable, match="no column c_name in orders"):
        compile_sql("SELECT c_name, o_totalprice FROM orders", two_ways)
    others = {**TABLES, "staff": {"c_name": pl.String(), "o_custkey": pl.Int64()}}
    with pytest.raises(Untranslatable, match="no column c_name in orders"):
        compile_sql("SELECT c_name, o_totalprice FROM orders", others)


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("SELECT lowest FROM orders", "no column lowest in orders"),
        ("SELECT key FROM orders", "no column key"),  # o_orderkey and o_custkey both end so
        ("SELECT a FROM lines", "no table lines; there are orders, customer"),
        ("SELECT o_orderkey FROM orders WHERE o_orderdate = 'soon'", "is none"),
        ("SELECT o_orderkey FROM orders WHERE", "no SQL"),
        ("SELECT frobnicate(o_orderkey) FROM orders", "frobnicate is not translated"),
        ("WITH RECURSIVE r AS (SELECT 1 AS n) SELECT n FROM r", "RECURSIVE"),
        ("DELETE FROM orders", "DELETE is no query"),
        ("SELECT o_orderkey FROM orders WHERE o_orderdate > now()", "the day on which it runs"),
    ],
)
def test_what_is_not_there_or_not_translated_is_said(sql: str, why: str) -> None:
    with pytest.raises(Untranslatable, match=why):
        compile_sql(sql, TABLES)


@pytest.mark.parametrize(
    "answer",
    [
        "SELECT c_name FROM customer",
        "```sql\nSELECT c_name\nFROM customer;\n```\nThis lists the names.",
        "Here is the query:\n\nSELECT c_name FROM customer;",
        "-- c_name\nSELECT c_name FROM customer -- all of them",
        "```\nSELECT c_name FROM customer",
    ],
)
def test_the_query_is_taken_out_of_an_answer(answer: str) -> None:
    assert compile_answer(answer, TABLES).code == 'result = customer.select("c_name")'


def test_an_answer_without_a_query_is_none() -> None:
    with pytest.raises(Untranslatable, match="no query"):
        compile_answer("I am not sure.", TABLES)


def test_names_of_columns_and_texts_do_not_become_code() -> None:
    tables = {"t": {'a"b': pl.String(), "class": pl.Int64()}}
    compiled = compile_sql(
        """SELECT "a""b" AS "x y", class AS import FROM t WHERE "a""b" = 'it''s "so" \\n'""", tables
    )
    frame = pl.DataFrame({'a"b': ['it\'s "so" \\n', "no"], "class": [1, 2]})
    names = {"pl": pl, "t": frame}
    exec(compiled.code, names)
    assert names["result"].to_dicts() == [{"x y": 'it\'s "so" \\n', "import": 1}]
