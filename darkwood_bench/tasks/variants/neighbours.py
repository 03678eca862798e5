"""Values at a constant's boundary, as a column of some dtype can hold them: equal, and just not."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from darkwood_bench.tasks.laws import allowed, parse_dates
from darkwood_bench.tasks.schema import TableRules
from darkwood_bench.tasks.variants.mentions import Constant

_PATTERN = frozenset(r"\([{^$*+|")
"""Text with one of these is taken for a regular expression, which is no value of a column."""
LONGEST_TEXT = 60
"""A number that is compared with text may be its length, up to so many characters."""


def equal_and_near(
    constant: Constant, base: pl.Series, column: str, rules: TableRules
) -> tuple[pl.Series, pl.Series]:
    """Values that meet a constant, and values that just miss it; of the dtype of `base`.

    `base` holds what the column has without us: what is said of a part of a value (a text's
    length, a moment's year) is said of such values. Only what `rules` allow comes back.
    """
    if format := rules.text_dates.get(column):
        days = parse_dates(base, format).drop_nulls().dt.date()
        equal, near = ([d.strftime(format) for d in found] for found in _candidates(constant, days))
    else:
        equal, near = _candidates(constant, base)
    return tuple(_lawful(values, base, column, rules) for values in (equal, near))  # type: ignore[return-value]


def text_forms(base: pl.Series, column: str, rules: TableRules) -> pl.Series:
    """Some of a text column's values in another case and with blanks around them."""
    texts = [text for text in base.cast(pl.String).drop_nulls()[:4] if text]
    forms = [form for text in texts for form in _forms(text)]
    return _lawful(forms, base, column, rules)


def bounds(base: pl.Series, column: str, rules: TableRules) -> pl.Series:
    """The lowest and highest value that the rules allow, and zero where they do."""
    if column not in rules.ranges:
        return base.clear()
    low, high = rules.ranges[column]
    zero = [0] if base.dtype.is_numeric() else []
    if isinstance(base.dtype, pl.Datetime):
        low, high = (_moment(bound) for bound in (low, high))
    return _lawful([low, high, *zero], base, column, rules)


def _lawful(values: Iterable[Any], base: pl.Series, column: str, rules: TableRules) -> pl.Series:
    series = _of_dtype(list(values), base.dtype).drop_nulls().unique(maintain_order=True)
    return series.filter(allowed(series, column, rules)).rename(base.name)


def _of_dtype(values: list[Any], dtype: pl.DataType) -> pl.Series:
    """The values that the dtype can hold exactly, in it."""
    match dtype:
        case pl.Enum(categories=categories):
            return pl.Series([v for v in values if v in set(categories)], dtype=dtype)
        case pl.Decimal(scale=scale):
            decimals = [round(Decimal(str(v)), scale) for v in values]
            return pl.Series(decimals, dtype=pl.Decimal(38, scale)).cast(dtype, strict=False)
        case pl.Datetime(time_zone=zone, time_unit=unit):
            local = pl.Series(values, dtype=pl.Datetime(unit))
            if zone is None:
                return local
            return local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        case _ if dtype.is_integer():
            return pl.Series(values, dtype=pl.Int64).cast(dtype, strict=False)
        case _:
            return pl.Series(values, dtype=dtype, strict=False)


def _candidates(constant: Constant, base: pl.Series) -> tuple[list[Any], list[Any]]:
    """(meets, just misses), before dtype and laws."""
    dtype = base.dtype
    if isinstance(constant, bool):
        return [], []
    if dtype.is_numeric():
        return _numbers(constant, dtype)
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        texts = [text for text in base.cast(pl.String).drop_nulls()[:6] if text]
        return _texts(constant, texts)
    if dtype == pl.Date:
        days = base.drop_nulls()[:6].to_list()
        return _days(constant, days)
    if isinstance(dtype, pl.Datetime):
        moments = base.dt.replace_time_zone(None).drop_nulls()[:6].to_list()
        return _moments(constant, moments)
    if isinstance(dtype, pl.List) and dtype.inner == pl.String:
        return _lists(constant, base)
    return [], []


def _numbers(constant: Constant, dtype: pl.DataType) -> tuple[list[Any], list[Any]]:
    if isinstance(constant, str):
        try:
            constant = float(constant)
        except ValueError:
            return [], []
    if not isinstance(constant, int | float):
        return [], []
    whole = float(constant).is_integer()
    if dtype.is_integer():
        value = int(constant)
        near = [value - 1, value + 1, -value] if whole else [value, value + 1]
        return ([value] if whole else []), near
    step = 0.01 if abs(constant) < 1000 else 1
    return [constant], [constant - step, constant + step, constant - 1, constant + 1]


def _texts(constant: Constant, base: list[str]) -> tuple[list[str], list[str]]:
    if isinstance(constant, date):
        days = (constant - timedelta(1), constant, constant + timedelta(1))
        before, day, after = (day.strftime("%Y-%m-%d") for day in days)
        return [day], [before, after]
    if isinstance(constant, int | float):
        lengths = [int(constant) + change for change in (0, -1, 1)]
        of_length = [
            (text * LONGEST_TEXT)[:n] for n in lengths if 0 < n <= LONGEST_TEXT for text in base[:1]
        ]
        return [str(constant), *of_length[:1]], of_length[1:]
    if _PATTERN & set(constant):
        return [], []
    plain = constant.strip("%")
    if not plain:
        return [], []
    other = base[0] if base else "x"
    around = [f"{other} {plain}", f"{plain} {other}", f"{other} {plain} {other}"]
    ends = [f"{plain}x", f"x{plain}", plain[:-1]]
    return [plain, constant], [*_forms(plain), *around, *_in_place_of_a_word(plain, base), *ends]


def _in_place_of_a_word(text: str, base: list[str]) -> list[str]:
    """Values of the column in which the text stands for one of the words."""
    found = []
    for words in (value.split(" ") for value in base[:2]):
        if len(words) > 1:
            found += [" ".join([*words[:i], text, *words[i + 1 :]]) for i in range(len(words))]
    return found


def _forms(text: str) -> list[str]:
    return [text.upper(), text.lower(), text.title(), f"{text} ", f" {text}"]


def _days(constant: Constant, base: list[date]) -> tuple[list[date], list[date]]:
    day = timedelta(1)
    match constant:
        case datetime():
            constant = constant.date()
        case str():
            parsed = _parsed(constant)
            return _days(parsed, base) if parsed else ([], [])
        case _:
            pass
    if isinstance(constant, date):
        # A year of 9999 stands for no end, and has no day after it.
        later = [constant + day] if constant < date.max else []
        return [constant], [constant - day, *later]
    if not isinstance(constant, int):
        return [], []
    if 1900 <= constant <= 2100:
        first, last = date(constant, 1, 1), date(constant, 12, 31)
        inside = [_replaced(some, year=constant) for some in base]
        return [first, last, *filter(None, inside)], [first - day, last + day]
    met = [_replaced(some, month=constant) for some in base]
    met += [_replaced(some, day=constant) for some in base]
    met += [
        some + day * ((constant - some.isoweekday()) % 7) for some in base if 1 <= constant <= 7
    ]
    first_of_month = [_replaced(some, month=constant, day=1) for some in base[:2]]
    met += first_of_month
    return [m for m in met if m], [first - day for first in first_of_month if first]


def _moments(constant: Constant, base: list[datetime]) -> tuple[list[datetime], list[datetime]]:
    tick = timedelta(microseconds=1)
    if isinstance(constant, str):
        parsed = _parsed(constant)
        return _moments(parsed, base) if parsed else ([], [])
    if isinstance(constant, date):
        moment = _moment(constant)
        later = [timedelta(days=1), timedelta(hours=23, minutes=59), tick]
        near = [moment - tick, *(moment + step for step in later if moment.date() < date.max)]
        return [moment], near
    if not isinstance(constant, int):
        return [], []
    clocks = [some.time() for some in base] or [time(12)]
    met, near = _days(constant, [some.date() for some in base])
    equal = [datetime.combine(d, clocks[i % len(clocks)]) for i, d in enumerate(met)]
    if 0 <= constant <= 23:
        hours = [some.replace(hour=constant, minute=0, second=0, microsecond=0) for some in base]
        equal += hours
        near_hours = [hour - tick for hour in hours]
        near_hours += [hour + timedelta(minutes=59) for hour in hours]
        return equal, [*(_moment(d) for d in near), *near_hours]
    if near:  # a year: its very last moment, and the first of the next
        equal.append(_moment(near[-1]) - tick)
    return equal, [_moment(d) for d in near]


def _moment(day: Any) -> Any:
    if isinstance(day, date) and not isinstance(day, datetime):
        return datetime.combine(day, time())
    return day


def _lists(constant: Constant, base: pl.Series) -> tuple[list[list[str]], list[list[str]]]:
    items = (
        base.drop_nulls()
        .list.explode(empty_as_null=False)
        .drop_nulls()
        .unique(maintain_order=True)[:5]
        .to_list()
    )
    if isinstance(constant, str):
        others = [item for item in items if item != constant]
        return (
            [[constant], [*others[:1], constant], [constant, constant]],
            [others[:1], [], [constant.upper()]],
        )
    if isinstance(constant, int) and 0 <= constant <= 10 and items:
        lengths = [(items * 12)[: max(0, constant + change)] for change in (0, -1, 1)]
        return lengths[:1], lengths[1:]
    return [], []


def _parsed(text: str) -> date | datetime | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


def _replaced(some: date, /, **parts: int) -> date | None:
    try:
        return some.replace(**parts)
    except (ValueError, OverflowError):
        return None
