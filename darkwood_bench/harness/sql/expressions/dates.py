"""Parts of dates and times, and dates cut to a unit."""

import polars as pl
from sqlglot import exp

from darkwood_bench.harness.sql.code import Binding, Code
from darkwood_bench.harness.sql.dtypes import is_integer, is_number
from darkwood_bench.harness.sql.errors import Untranslatable
from darkwood_bench.harness.sql.expressions.spans import as_moment, interval, unit_of
from darkwood_bench.harness.sql.nodes import Node
from darkwood_bench.harness.sql.translation import Handler, Translation

_PARTS = {
    "year": "year",
    "yr": "year",
    "isoyear": "iso_year",
    "quarter": "quarter",
    "month": "month",
    "mon": "month",
    "week": "week",
    "weekofyear": "week",
    "day": "day",
    "dayofmonth": "day",
    "doy": "ordinal_day",
    "dayofyear": "ordinal_day",
    "isodow": "weekday",
    "hour": "hour",
    "minute": "minute",
    "second": "second",
}
_TRUNCATED = {
    "year": "1y",
    "quarter": "1q",
    "month": "1mo",
    "week": "1w",
    "day": "1d",
    "hour": "1h",
    "minute": "1m",
    "second": "1s",
}


def part(code: Code, name: str) -> Code:
    """EXTRACT(name FROM date). Raises Untranslatable."""
    name = name.lower().strip("'")
    code = as_moment(code)
    if name in ("dow", "dayofweek", "weekday"):
        weekday = code.call("dt.weekday", dtype=pl.Int8())
        return Code(f"{weekday.text} % 7", pl.Int8(), Binding.PRODUCT, code.nullable)
    if name == "epoch":
        return epoch(code)
    if name == "decade":
        year = code.call("dt.year")
        return Code(f"{year.text} // 10", pl.Int32(), Binding.PRODUCT, code.nullable)
    if name not in _PARTS:
        raise Untranslatable(f"the part {name} of a date is not translated")
    if isinstance(code.dtype, pl.Date) and name in ("hour", "minute", "second"):
        return Code("pl.lit(0)", pl.Int64(), nullable=False)
    if isinstance(code.dtype, pl.Duration):
        raise Untranslatable(f"the part {name} of a duration is not translated")
    if is_number(code.dtype):
        raise Untranslatable(f"the {name} of a number is asked for")
    dtype = pl.Int32() if name in ("year", "isoyear", "yr") else pl.Int8()
    return code.call(f"dt.{_PARTS[name]}", dtype=dtype)


def epoch(code: Code) -> Code:
    """Seconds since 1970, with their fraction."""
    micros = code.call("dt.epoch", '"us"')
    if isinstance(code.dtype, pl.Duration):
        micros = code.call("dt.total_microseconds")
    return Code(f"{micros.text} / 1_000_000", pl.Float64(), Binding.PRODUCT, code.nullable)


def _extract(translate: Translation, node: Node) -> Code:
    return part(translate(node.expression), node.name)


def _part(translate: Translation, node: Node) -> Code:
    names = {
        exp.DayOfWeekIso: "isodow",
        exp.DayOfWeek: "dow",
        exp.DayOfYear: "doy",
        exp.DayOfMonth: "day",
        exp.WeekOfYear: "week",
    }
    return part(translate(node.this), names.get(type(node), node.key))


def _truncated(translate: Translation, node: Node) -> Code:
    """DATE_TRUNC. Of a date it stays one, where DuckDB makes a time of it: they compare equal."""
    unit = unit_of(node.args.get("unit"))
    code = as_moment(translate(node.this))
    if unit not in _TRUNCATED:
        raise Untranslatable(f"a date is cut to its {unit}")
    return code.call("dt.truncate", f'"{_TRUNCATED[unit]}"', dtype=code.dtype)


def _bin(translate: Translation, node: Node) -> Code:
    """TIME_BUCKET of units that the day is a multiple of, counted from midnight."""
    assert isinstance(node.this, exp.Interval)
    parts = interval(node.this)
    seconds = {"day": 86400, "hour": 3600, "minute": 60, "second": 1}
    short = {"day": "d", "hour": "h", "minute": "m", "second": "s"}
    if len(parts) != 1 or parts[0][1] not in seconds:
        raise Untranslatable("TIME_BUCKET of such a width is not translated")
    amount, unit = parts[0]
    if 86400 % (amount * seconds[unit]):
        raise Untranslatable("TIME_BUCKET of a width that a day is no multiple of")
    code = translate(node.expression)
    return code.call("dt.truncate", f'"{amount}{short[unit]}"', dtype=code.dtype)


def _between(translate: Translation, node: Node) -> Code:
    """DATE_DIFF: how many times the unit begins between two moments."""
    later, earlier = as_moment(translate(node.this)), as_moment(translate(node.expression))
    unit = unit_of(node.args.get("unit") or exp.var("day"))
    return boundaries(earlier, later, unit)


def boundaries(earlier: Code, later: Code, unit: str) -> Code:
    """As DuckDB counts it: by the units' beginnings, not by their lengths."""
    nullable = earlier.nullable or later.nullable
    if unit in ("year", "quarter", "month"):
        counts = [_months(code, unit) for code in (later, earlier)]
        one, other = counts
        text = f"{one.at_least(Binding.SUM)} - {other.at_least(Binding.PRODUCT)}"
        return Code(text, pl.Int64(), Binding.SUM, nullable)
    if unit == "day" and not all(isinstance(code.dtype, pl.Date) for code in (earlier, later)):
        earlier, later = (code.call("dt.date", dtype=pl.Date()) for code in (earlier, later))
    elif unit != "day":
        cut = _TRUNCATED.get(unit, "1s")
        earlier, later = (
            code.call("dt.truncate", f'"{cut}"', dtype=code.dtype) for code in (earlier, later)
        )
    span = Code(
        f"{later.at_least(Binding.SUM)} - {earlier.at_least(Binding.PRODUCT)}",
        pl.Duration("us"),
        Binding.SUM,
        nullable,
    )
    if unit == "week":
        days = span.call("dt.total_days")
        return Code(f"{days.text} // 7", pl.Int64(), Binding.PRODUCT, nullable)
    return span.call(f"dt.total_{unit}s", dtype=pl.Int64())


def _months(code: Code, unit: str) -> Code:
    year = code.call("dt.year").text
    if unit == "year":
        return Code(year, pl.Int32())
    if unit == "quarter":
        return Code(f"{year} * 4 + {code.call('dt.quarter').text}", pl.Int64(), Binding.SUM)
    return Code(f"{year} * 12 + {code.call('dt.month').text}", pl.Int64(), Binding.SUM)


def _last_day(translate: Translation, node: Node) -> Code:
    code = as_moment(translate(node.this))
    if isinstance(code.dtype, pl.Datetime):
        code = code.call("dt.date", dtype=pl.Date())
    return code.call("dt.month_end", dtype=pl.Date())


def _from_parts(translate: Translation, node: Node) -> Code:
    parts = [translate(node.args[name]) for name in ("year", "month", "day")]
    if not all(is_integer(code.dtype) or code.dtype is None for code in parts):
        raise Untranslatable("MAKE_DATE of what are no whole numbers")
    texts = ", ".join(code.argument if code.column else code.text for code in parts)
    return Code(f"pl.date({texts})", pl.Date())


def _epoch(translate: Translation, node: Node) -> Code:
    return epoch(as_moment(translate(node.this)))


def _in_zone(translate: Translation, node: Node) -> Code:
    """AT TIME ZONE: the clock there of a moment, or the moment when a clock there said so."""
    code = translate(node.this)
    zone = f'"{node.args["zone"].name}"'
    if isinstance(code.dtype, pl.Datetime) and code.dtype.time_zone:
        local = code.call("dt.convert_time_zone", zone).call("dt.replace_time_zone", "None")
        return local.known(pl.Datetime("us"))
    return code.call("dt.replace_time_zone", zone, dtype=pl.Datetime("us", "UTC"))


def _age(translate: Translation, node: Node) -> Code:
    raise Untranslatable("what depends on the day on which it runs is not translated")


HANDLERS: dict[type[Node], Handler] = {
    exp.Extract: _extract,
    **dict.fromkeys(
        (
            *(exp.Year, exp.Month, exp.Day, exp.Hour, exp.Minute, exp.Second, exp.Quarter),
            *(exp.Week, exp.WeekOfYear, exp.DayOfWeek, exp.DayOfWeekIso, exp.DayOfYear),
            exp.DayOfMonth,
        ),
        _part,
    ),
    exp.TimestampTrunc: _truncated,
    exp.DateTrunc: _truncated,
    exp.DateBin: _bin,
    exp.DateDiff: _between,
    exp.TimestampDiff: _between,
    exp.LastDay: _last_day,
    exp.DateFromParts: _from_parts,
    exp.TimeToUnix: _epoch,
    exp.AtTimeZone: _in_zone,
    exp.CurrentDate: _age,
    exp.CurrentTimestamp: _age,
}
