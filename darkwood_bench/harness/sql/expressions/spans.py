"""Intervals, and what dates are when they are added to or subtracted."""

import re

import polars as pl
from sqlglot import exp

from darkwood_bench.harness.sql.code import Binding, Code
from darkwood_bench.harness.sql.dtypes import is_integer, is_temporal, is_text
from darkwood_bench.harness.sql.errors import Untranslatable
from darkwood_bench.harness.sql.expressions.coercion import read_as
from darkwood_bench.harness.sql.nodes import Node
from darkwood_bench.harness.sql.translation import Handler, Translation

_OFFSETS = {
    "year": "y",
    "quarter": "q",
    "month": "mo",
    "week": "w",
    "day": "d",
    "hour": "h",
    "minute": "m",
    "second": "s",
    "millisecond": "ms",
    "microsecond": "us",
}
_EXACT = {"week", "day", "hour", "minute", "second", "millisecond", "microsecond"}
"""Units that are as long whenever they begin."""


def unit_of(node: Node | None) -> str:
    """A unit of time as a word: 'month'. Raises Untranslatable."""
    word = "" if node is None else node.name.lower().strip("'")
    word = word.removesuffix("s") if word.removesuffix("s") in _OFFSETS else word
    if word not in _OFFSETS:
        raise Untranslatable(f"the unit {word or 'of an interval'} is not translated")
    return word


def interval(node: exp.Interval) -> list[tuple[int, str]]:
    """An interval's amounts and units: '1 year 2 months' is [(1, 'year'), (2, 'month')]."""
    text = node.this.name if isinstance(node.this, exp.Literal) else ""
    negative = isinstance(node.this, exp.Neg)
    if negative:
        text = node.this.this.name
    if re.fullmatch(r"\s*-?\d+\s*", text) and node.args.get("unit") is not None:
        amount = int(text)
        return [(-amount if negative else amount, unit_of(node.args["unit"]))]
    parts = re.findall(r"(-?\d+)\s*([A-Za-z]+)", text)
    if not parts or re.sub(r"(-?\d+)\s*([A-Za-z]+)", "", text).strip():
        raise Untranslatable(f"the interval {node.sql('duckdb')} is not translated")
    return [(int(amount), unit_of(exp.var(unit))) for amount, unit in parts]


def shifted(code: Code, node: exp.Interval, sign: int) -> Code:
    """A date or time an interval later, or earlier."""
    if isinstance(code.value, str) or (is_text(code.dtype) and not code.python):
        code = as_moment(code)
    parts = [(sign * amount, unit) for amount, unit in interval(node)]
    dtype = code.dtype
    for amount, unit in parts:
        code = code.call("dt.offset_by", f'"{amount}{_OFFSETS[unit]}"', dtype=dtype)
    return code


def length(node: exp.Interval) -> Code:
    """An interval by itself, of units that are as long whenever they begin."""
    parts = interval(node)
    if any(unit not in _EXACT for _, unit in parts):
        raise Untranslatable(f"{node.sql('duckdb')} alone has no fixed length")
    named = ", ".join(f"{unit}s={amount}" for amount, unit in parts)
    return Code(f"pl.duration({named})", pl.Duration("us"), nullable=False)


def as_moment(code: Code) -> Code:
    """Text as the date that it must be."""
    if isinstance(code.value, str):
        return read_as(code.value, pl.Datetime("us"), code)
    if is_text(code.dtype):
        return code.call("str.to_date", "strict=False", dtype=pl.Date())
    return code


def difference(left: Code, operator: str, right: Code) -> Code:
    """A date less a date (in days), a time less a time (a duration), a date and some days."""
    if operator == "-" and is_temporal(left.dtype) and isinstance(right.value, str):
        right = read_as(right.value, left.dtype, right)
    if operator == "-" and is_temporal(right.dtype) and isinstance(left.value, str):
        left = read_as(left.value, right.dtype, left)
    nullable = left.nullable or right.nullable
    if is_temporal(left.dtype) and is_temporal(right.dtype):
        if operator == "+":
            raise Untranslatable("two dates are added")
        span = Code(
            f"{left.at_least(Binding.SUM)} - {right.at_least(Binding.PRODUCT)}",
            pl.Duration("us"),
            Binding.SUM,
            nullable,
        )
        if isinstance(left.dtype, pl.Date) and isinstance(right.dtype, pl.Date):
            return span.call("dt.total_days", dtype=pl.Int64())
        return span
    date, days = (left, right) if is_temporal(left.dtype) else (right, left)
    if isinstance(days.dtype, pl.Duration):
        text = f"{date.at_least(Binding.SUM)} {operator} {days.at_least(Binding.PRODUCT)}"
        return Code(text, date.dtype, Binding.SUM, nullable)
    if not is_integer(days.dtype):
        raise Untranslatable("a date is added to what is no whole number of days")
    if isinstance(days.value, int):
        amount = -days.value if operator == "-" else days.value
        return date.call("dt.offset_by", f'"{amount}d"', dtype=date.dtype)
    text = f"{date.at_least(Binding.SUM)} {operator} pl.duration(days={days.text})"
    return Code(text, date.dtype, Binding.SUM, nullable)


def _interval(translate: Translation, node: Node) -> Code:
    assert isinstance(node, exp.Interval)
    return length(node)


def _date_shift(translate: Translation, node: Node) -> Code:
    """DATE_ADD and DATE_SUB."""
    span = node.expression
    if not isinstance(span, exp.Interval):
        unit = node.args.get("unit") or exp.var("day")
        span = exp.Interval(this=exp.Literal.string(span.name), unit=unit)
    return shifted(translate(node.this), span, -1 if isinstance(node, _SUBTRACTING) else 1)


_SUBTRACTING = (exp.DateSub, exp.TimestampSub, exp.DatetimeSub)

HANDLERS: dict[type[Node], Handler] = {
    exp.Interval: _interval,
    **dict.fromkeys(
        (
            exp.DateAdd,
            exp.DateSub,
            exp.TimestampAdd,
            exp.TimestampSub,
            exp.DatetimeAdd,
            exp.DatetimeSub,
            exp.TsOrDsAdd,
        ),
        _date_shift,
    ),
}
