"""Names and literals as SQL writes them."""

import re

from darkwood_bench.prompting.dtypes import short_dtype

_PLAIN = re.compile(r"[A-Za-z_]\w*")
_RESERVED = re.findall(
    r"\w+",
    """
    all and any as asc at between by case cast collate column constraint create cross date default
    desc distinct else end except exists false filter for foreign from full group having in inner
    intersect interval into is join lateral left like limit natural not null offset on or order
    outer over partition primary qualify references right row rows select set table then time to
    true union unique unnest using values when where window with
    """,
)
"""What is read as SQL where it stands as a name without quotes, in one dialect or another."""


def sql_name(name: str) -> str:
    """A table's or column's name, in double quotes where SQL needs them."""
    if _PLAIN.fullmatch(name) and name.casefold() not in _RESERVED:
        return name
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


_TYPES = {
    "int": "INTEGER",
    "float": "DOUBLE",
    "decimal": "DECIMAL",
    "str": "TEXT",
    "enum": "TEXT",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "time": "TIME",
    "duration": "INTERVAL",
    "bool": "BOOLEAN",
}


def sql_type(dtype: str) -> str:
    """A Polars dtype as SQL calls it; one that it has no plain word for as its short text."""
    short = short_dtype(dtype)
    if short.startswith("datetime["):
        return "TIMESTAMPTZ"
    return _TYPES.get(short, short)
