"""Dates as text, and text as dates."""

import re

import polars as pl
from sqlglot import exp

from darkwood_bench.harness.sql.code import Code, text_literal
from darkwood_bench.harness.sql.dtypes import is_temporal, is_text
from darkwood_bench.harness.sql.errors import Untranslatable
from darkwood_bench.harness.sql.expressions.spans import as_moment
from darkwood_bench.harness.sql.nodes import Node
from darkwood_bench.harness.sql.translation import Handler, Translation

_OF_POSTGRES = {
    "YYYY": "%Y",
    "YY": "%y",
    "MM": "%m",
    "MON": "%b",
    "MONTH": "%B",
    "DD": "%d",
    "HH24": "%H",
    "MI": "%M",
    "SS": "%S",
    "DAY": "%A",
    "DY": "%a",
}
_OF_MYSQL = {"%i": "%M", "%M": "%B", "%s": "%S", "%c": "%-m", "%e": "%-d", "%W": "%A", "%b": "%b"}


def written(code: Code, pattern: str) -> Code:
    """A date as text."""
    code = as_moment(code)
    return code.call("dt.strftime", text_literal(pattern), dtype=pl.String())


def read(code: Code, pattern: str, *, strict: bool) -> Code:
    """Text as a date, or as a time where the pattern has hours."""
    timed = bool(re.search(r"%[HIMSTfpXRr]", pattern))
    method, dtype = ("to_datetime", pl.Datetime("us")) if timed else ("to_date", pl.Date())
    arguments = [text_literal(pattern)] + ([] if strict else ["strict=False"])
    return code.call(f"str.{method}", *arguments, dtype=dtype)


def of_postgres(pattern: str) -> str:
    """'YYYY-MM' as '%Y-%m'."""
    keys = sorted(_OF_POSTGRES, key=len, reverse=True)
    return re.sub(
        "|".join(keys), lambda found: _OF_POSTGRES[found[0].upper()], pattern, flags=re.IGNORECASE
    )


def of_mysql(pattern: str) -> str:
    """'%Y-%m-%d %H:%i' as '%Y-%m-%d %H:%M'."""
    return re.sub("%[a-zA-Z]", lambda found: _OF_MYSQL.get(found[0], found[0]), pattern)


def pattern_of(node: Node | None) -> str:
    """A format that is written down."""
    if not isinstance(node, exp.Literal) or not node.is_string:
        raise Untranslatable("a format that is no text is not translated")
    return node.name


def _strftime(translate: Translation, node: Node) -> Code:
    """STRFTIME(date, format), or in SQLite's order."""
    date, pattern = node.this, node.args["format"]
    if isinstance(date, exp.Literal) and date.is_string and "%" in date.name:
        date, pattern = pattern, date
    return written(translate(date), pattern_of(pattern))


def _to_char(translate: Translation, node: Node) -> Code:
    code = translate(node.this)
    if not (is_temporal(code.dtype) or is_text(code.dtype)):
        raise Untranslatable("TO_CHAR of a number is not translated")
    return written(code, of_postgres(pattern_of(node.args.get("format"))))


def _strptime(translate: Translation, node: Node) -> Code:
    return read(translate(node.this), pattern_of(node.args["format"]), strict=True)


def _name(translate: Translation, node: Node) -> Code:
    return written(translate(node.this), "%A" if isinstance(node, exp.Dayname) else "%B")


HANDLERS: dict[type[Node], Handler] = {
    exp.TimeToStr: _strftime,
    exp.ToChar: _to_char,
    exp.StrToTime: _strptime,
    exp.StrToDate: _strptime,
    exp.Dayname: _name,
    exp.Monthname: _name,
}
