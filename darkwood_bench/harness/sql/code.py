"""Polars expressions under construction: source text, and what is known of its value."""

import keyword
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import IntEnum
from typing import Any, Final

import polars as pl


class Binding(IntEnum):
    """How tightly an expression's outermost operator binds in Python."""

    COMPARISON = 1
    OR = 2
    AND = 3
    SUM = 4
    PRODUCT = 5
    SIGN = 6
    ATOM = 8


class _NoValue:
    """No value is known; None is one."""


NO_VALUE: Final = _NoValue()


@dataclass(frozen=True)
class Code:
    """A Python expression that stands for a value of each row, or for one value."""

    text: str
    dtype: pl.DataType | None = None
    """Of the value; None where it is not known."""
    binding: Binding = Binding.ATOM
    nullable: bool = True
    """False where the value is never null."""
    column: str | None = None
    """The column of this name and nothing else."""
    python: bool = False
    """A Python value rather than a Polars expression."""
    value: Any = NO_VALUE
    """That value, of a literal."""
    unguarded: str | None = None
    """The text without what makes a sum of no values null."""

    def at_least(self, binding: Binding) -> str:
        """The text, in brackets where it binds less."""
        return self.text if self.binding >= binding else f"({self.text})"

    @property
    def expression(self) -> str:
        """A Polars expression that methods can be called on."""
        if self.python:
            return f"pl.lit({self.text})"
        return self.at_least(Binding.ATOM)

    @property
    def argument(self) -> str:
        """As an argument of select, group_by, over, …, which take columns by name."""
        if self.column is not None:
            return text_literal(self.column)
        return f"pl.lit({self.text})" if self.python else self.text

    def call(
        self,
        method: str,
        *arguments: str,
        dtype: pl.DataType | None = None,
        nullable: bool | None = None,
    ) -> "Code":
        """A method called on it; dtype and nullability as given, the latter else as they were."""
        kept = self.nullable if nullable is None else nullable
        text = f"{self.expression}.{method}({', '.join(arguments)})"
        return Code(text, dtype, nullable=kept)

    def known(self, dtype: pl.DataType | None) -> "Code":
        """The same with a dtype."""
        return replace(self, dtype=dtype)


def column(name: str, dtype: pl.DataType | None = None, *, nullable: bool = True) -> Code:
    """A column of the frame at hand."""
    return Code(f"pl.col({text_literal(name)})", dtype, nullable=nullable, column=name)


def literal(value: Any) -> Code:
    """A Python value; dates and times as Polars expressions."""
    match value:
        case None:
            return Code("None", pl.Null(), python=True, value=None)
        case bool():
            return Code(repr(value), pl.Boolean(), nullable=False, python=True, value=value)
        case int():
            binding = Binding.ATOM if value >= 0 else Binding.SIGN
            return Code(repr(value), pl.Int64(), binding, False, python=True, value=value)
        case float() | Decimal():
            binding = Binding.ATOM if value >= 0 else Binding.SIGN
            number = float(value)
            return Code(repr(number), pl.Float64(), binding, False, python=True, value=number)
        case str():
            return Code(text_literal(value), pl.String(), nullable=False, python=True, value=value)
        case datetime():
            return _moment(value)
        case date():
            text = f"pl.date({value.year}, {value.month}, {value.day})"
            return Code(text, pl.Date(), nullable=False, value=value)
        case time():
            text = f"pl.time({value.hour}, {value.minute}, {value.second})"
            return Code(text, pl.Time(), nullable=False, value=value)
        case timedelta():
            return _span(value)
    raise TypeError(f"no literal for {type(value).__name__}")


def _moment(value: datetime) -> Code:
    parts = [value.year, value.month, value.day, value.hour, value.minute, value.second]
    parts += [value.microsecond]
    while len(parts) > 3 and parts[-1] == 0:
        parts.pop()
    zone = None if value.tzinfo is None else "UTC"
    named = [f'time_zone="{zone}"'] if zone else []
    text = f"pl.datetime({', '.join([*map(str, parts), *named])})"
    return Code(text, pl.Datetime("us", zone), nullable=False, value=value)


def _span(value: timedelta) -> Code:
    parts = {
        "days": value.days,
        "seconds": value.seconds,
        "microseconds": value.microseconds,
    }
    named = [f"{unit}={count}" for unit, count in parts.items() if count] or ["days=0"]
    return Code(f"pl.duration({', '.join(named)})", pl.Duration("us"), nullable=False, value=value)


def text_literal(text: str) -> str:
    """A Python string literal in double quotes, where that takes no escapes but its own."""
    if text.isprintable() and '"' not in text:
        return '"' + text.replace("\\", "\\\\") + '"'
    return repr(text)


def all_named(columns: Mapping[str, Code]) -> list[str]:
    """Arguments of select, agg or with_columns that give columns of these names, in their order.

    Python takes no argument by place after one by keyword, so that what comes before a plain column
    is named by alias.
    """
    by_place = [number for number, (n, c) in enumerate(columns.items()) if not _by_keyword(n, c)]
    last = by_place[-1] if by_place else -1
    return [
        named(name, code) if number >= last or not _by_keyword(name, code) else aliased(name, code)
        for number, (name, code) in enumerate(columns.items())
    ]


def _by_keyword(name: str, code: Code) -> bool:
    return code.column != name and is_keyword_name(name)


def aliased(name: str, code: Code) -> str:
    """An expression that gives a column of this name."""
    return f"{code.expression}.alias({text_literal(name)})"


def named(name: str, code: Code) -> str:
    """An argument of select, agg or with_columns that gives a column of this name."""
    if code.column == name:
        return text_literal(name)
    if is_keyword_name(name):
        value = text_literal(code.column) if code.column is not None else _named_value(code)
        return f"{name}={value}"
    return aliased(name, code)


def _named_value(code: Code) -> str:
    """A bare string would be a column's name, and an aggregate's value has to be an expression."""
    return f"pl.lit({code.text})" if code.python else code.text


def is_keyword_name(name: str) -> bool:
    """Whether a column can be named by a keyword argument."""
    return name.isidentifier() and not keyword.iskeyword(name)
