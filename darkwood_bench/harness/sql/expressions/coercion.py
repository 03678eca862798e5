"""Values that SQL compares although their types differ."""

import re
from contextlib import suppress
from datetime import date, datetime
from typing import Any

import polars as pl

from darkwood_bench.harness.sql.code import NO_VALUE, Binding, Code, literal
from darkwood_bench.harness.sql.dtypes import is_number, is_temporal, is_text
from darkwood_bench.harness.sql.errors import Untranslatable

_DAY_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")


def comparable(left: Code, right: Code) -> tuple[Code, Code]:
    """Both sides of a comparison, text made a date or a number where the other side is one."""
    return _towards(left, right), _towards(right, left)


def _towards(code: Code, other: Code) -> Code:
    if isinstance(code.value, str) and not is_text(other.dtype):
        return read_as(code.value, other.dtype, code)
    if is_text(code.dtype) and not code.python:
        if is_number(other.dtype) and not isinstance(code.dtype, pl.String):
            return code.call("cast", "pl.String").call(
                "cast", "pl.Float64", "strict=False", dtype=pl.Float64()
            )
        if is_number(other.dtype):
            return code.call("cast", "pl.Float64", "strict=False", dtype=pl.Float64())
        if isinstance(other.dtype, pl.Date):
            return code.call("str.to_date", "strict=False", dtype=pl.Date())
        if isinstance(other.dtype, pl.Datetime):
            return code.call("str.to_datetime", "strict=False", dtype=pl.Datetime("us"))
    if isinstance(other.dtype, pl.Boolean) and code.value in (0, 1) and not _is_bool(code.value):
        return literal(bool(code.value))
    if isinstance(code.dtype, pl.Datetime) and isinstance(other.dtype, pl.Datetime):
        zones = code.dtype.time_zone, other.dtype.time_zone
        if all(zones) and zones[0] != zones[1] and zones[0] != "UTC":
            return code.call("dt.convert_time_zone", f'"{zones[1]}"', dtype=other.dtype)
    if isinstance(other.dtype, pl.Datetime) and isinstance(code.value, datetime):
        return moment(code.value, other.dtype)
    if isinstance(other.dtype, pl.Datetime) and other.dtype.time_zone:
        day = code.value
        if isinstance(day, date) and not isinstance(day, datetime):
            return moment(datetime(day.year, day.month, day.day), other.dtype)
    return code


def read_as(text: str, dtype: pl.DataType | None, code: Code) -> Code:
    """Text as a literal of a dtype. Raises Untranslatable where it is none."""
    if is_temporal(dtype):
        return moment(_moment_in(text), dtype)
    if is_number(dtype):
        try:
            return literal(float(text) if re.search(r"[.eE]", text) else int(text))
        except ValueError:
            raise Untranslatable(f"'{text}' is compared with a number") from None
    if isinstance(dtype, pl.Boolean):
        words = {"true": True, "t": True, "yes": True, "1": True}
        words |= {"false": False, "f": False, "no": False, "0": False}
        if text.lower() not in words:
            raise Untranslatable(f"'{text}' is compared with true and false")
        return literal(words[text.lower()])
    return code


def moment(value: datetime | date, dtype: pl.DataType | None) -> Code:
    """A date or time as a literal that columns of a dtype are compared with."""
    if isinstance(dtype, pl.Datetime) and isinstance(value, datetime):
        if dtype.time_zone is None:
            return literal(value.replace(tzinfo=None))
        written = literal(value.replace(tzinfo=None))
        text = written.text.removesuffix(")") + f', time_zone="{dtype.time_zone}")'
        if value.tzinfo is not None or dtype.time_zone == "UTC":
            text = written.text.removesuffix(")") + ', time_zone="UTC")'
        return Code(text, dtype, nullable=False, value=value)
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return literal(value.date())
    return literal(value)


def _moment_in(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        pass
    parts: list[int] = []
    if re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}", text.strip()):
        parts = [int(part) for part in text.strip().split("-")]
    elif found := _DAY_FIRST.fullmatch(text.strip()):
        first, second, year = map(int, found.groups())
        if first > 12 >= second:
            parts = [year, second, first]
        elif second > 12 >= first:
            parts = [year, first, second]
    with suppress(ValueError):
        if parts:
            return datetime(parts[0], parts[1], parts[2])
    raise Untranslatable(f"'{text}' is compared with a date, and is none")


def condition(code: Code) -> Code:
    """A value where true or false is wanted: a number is true but for 0."""
    if is_number(code.dtype) and not code.python:
        return Code(f"{code.at_least(Binding.OR)} != 0", pl.Boolean(), Binding.COMPARISON)
    if _is_number(code.value):
        return literal(bool(code.value))
    return code


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return value is not NO_VALUE and isinstance(value, (int, float)) and not _is_bool(value)
