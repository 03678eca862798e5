"""From a model's answer to the syntax tree of its one query."""

import re
from typing import ClassVar

import sqlglot
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import SqlglotError

from darkwood_bench.harness.sql.errors import Untranslatable

_FENCED = re.compile(r"```\w*[ \t]*\n?(.*?)(?:```|\Z)", re.DOTALL)
_BEGINNING = re.compile(r"\b(?:SELECT|WITH|FROM|PIVOT|UNPIVOT)\b", re.IGNORECASE)
_TWO_DATES = re.compile(r"\bdatediff\s*\(", re.IGNORECASE)
MOST_CHARACTERS = 20_000
"""Of an answer that is looked at."""


class Lenient(DuckDB):
    """DuckDB's dialect, that also takes names in MySQL's backticks."""

    INDEX_OFFSET = 0
    """Places in lists and texts are left as they are written, from 1 on."""

    class Tokenizer(DuckDB.Tokenizer):
        IDENTIFIERS: ClassVar = ['"', "`"]


def query_in(text: str) -> str | None:
    """The SQL of an answer: of its first fence that has a query, or from its first SELECT on."""
    text = text[:MOST_CHARACTERS]
    for block in (*_FENCED.findall(text), text):
        if found := _BEGINNING.search(_without_comments(block)):
            body = _without_comments(block)[found.start() :]
            return re.split(r"```|;", body, maxsplit=1)[0].strip()
    return None


def parsed(sql: str) -> exp.Query:
    """The tree of a query. Raises Untranslatable."""
    # Arguments of MySQL's DATEDIFF(later, earlier) are not DuckDB's: it is known by another name.
    sql = _TWO_DATES.sub(lambda found: found[0], _mysql_dates(sql))
    try:
        tree = sqlglot.parse_one(sql, dialect=Lenient)
    except (SqlglotError, RecursionError, ValueError) as error:
        first = str(error).split("\n")[0]
        raise Untranslatable(f"no SQL: {re.sub(chr(27) + r'.*?m', '', first)[:200]}") from None
    if not isinstance(tree, exp.Query):
        raise Untranslatable(f"{tree.key.upper()} is no query")
    return tree


def _mysql_dates(sql: str) -> str:
    """DATEDIFF of two arguments under a name that the parser leaves alone."""
    parts, last = [], 0
    for found in _TWO_DATES.finditer(sql):
        if _commas(sql, found.end()) == 1:
            parts += [sql[last : found.start()], "days_between("]
            last = found.end()
    return "".join([*parts, sql[last:]])


def _commas(sql: str, start: int) -> int:
    """Commas between the brackets that open before `start`."""
    depth, commas = 1, 0
    for character in sql[start:]:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            break
        commas += character == "," and depth == 1
    return commas


def _without_comments(sql: str) -> str:
    return re.sub(r"--[^\n]*|/\*.*?\*/", " ", sql, flags=re.DOTALL)
