"""Dtypes as clients spell them: Int64, pl.Int64, i64, datetime[us], List(String), VARCHAR.

Nothing is evaluated. What is not known is not guessed: it stays text.
"""

import re
from typing import Any

import polars as pl

_DEEPEST = 16
_PLAIN: dict[str, pl.DataType] = {
    **{name.lower(): getattr(pl, name)() for name in ("Int8", "Int16", "Int32", "Int64", "Int128")},
    **{name.lower(): getattr(pl, name)() for name in ("UInt8", "UInt16", "UInt32", "UInt64")},
    **{name.lower(): getattr(pl, name)() for name in ("Float32", "Float64", "Boolean", "String")},
    **{name.lower(): getattr(pl, name)() for name in ("Binary", "Date", "Time", "Categorical")},
    **{
        f"{kind}{bits}": getattr(pl, f"{name}{bits}")()
        for kind, name in (("i", "Int"), ("u", "UInt"))
        for bits in (8, 16, 32, 64)
    },
    **dict.fromkeys(("f32", "float4", "real"), pl.Float32()),
    **dict.fromkeys(("f64", "float", "double", "double precision", "float8"), pl.Float64()),
    **dict.fromkeys(("int", "integer", "bigint", "long"), pl.Int64()),
    **dict.fromkeys(("smallint", "short"), pl.Int16()),
    **dict.fromkeys(("str", "utf8", "text", "varchar", "char", "large_string"), pl.String()),
    **dict.fromkeys(("string_view", "large_utf8"), pl.String()),
    **dict.fromkeys(("bool",), pl.Boolean()),
    **dict.fromkeys(("bytes", "blob", "bytea"), pl.Binary()),
    **dict.fromkeys(("date32", "date32[day]"), pl.Date()),
    **dict.fromkeys(("cat", "category", "enum"), pl.Categorical()),
    **dict.fromkeys(("datetime", "timestamp", "timestamp without time zone"), pl.Datetime("us")),
    **dict.fromkeys(("duration", "timedelta", "interval"), pl.Duration("us")),
    **dict.fromkeys(("decimal", "numeric"), pl.Decimal(38, 9)),
    "null": pl.Null(),
}
"""By lower-case name. What has parameters and is given none has the usual ones."""
_UNITS = {"ms": "ms", "us": "us", "μs": "us", "µs": "us", "ns": "ns"}
# Possessive: what is taken is not given back, so no text takes longer than its length.
_CALL = re.compile(
    r"(?:pl\.|polars\.)?([A-Za-z_][\w ]*+)\s*+(?:([(\[<{])(.*)([)\]>}]))?", re.DOTALL
)
_SHAPE = re.compile(r"(?:shape\s*+=\s*+)?(?:\d++|\((?:\d++,?+\s*+)++\))")
_KEYWORD = re.compile(r"[A-Za-z_]\w*+\s*+=\s*+")
_CLOSING = {"(": ")", "[": "]", "<": ">", "{": "}"}


def parse_dtype(text: str) -> pl.DataType | None:
    """The Polars dtype that a text names; None for one that is not known."""
    try:
        return _parsed(text, 0)
    except (ValueError, TypeError, IndexError, OverflowError, pl.exceptions.PolarsError):
        return None


def _parsed(text: str, depth: int) -> pl.DataType:
    text = text.strip()
    plain = text.removeprefix("pl.").removesuffix("()").lower()
    if plain in _PLAIN:
        return _PLAIN[plain]
    found = _CALL.fullmatch(text)
    if found is None or depth > _DEEPEST or _CLOSING.get(found[2] or "(") != (found[4] or ")"):
        raise ValueError(text)
    name, inside = found[1].rstrip().lower(), _arguments(found[3] or "")
    read: Any = _WITH_PARAMETERS.get(name)
    if read is None or found[2] is None:
        raise ValueError(text)
    return read(inside, depth + 1)


def _datetime(inside: list[str], depth: int) -> pl.DataType:
    """Datetime(time_unit='us', time_zone=None), datetime[us, UTC], datetime64[ns]."""
    unit, zone = [*map(_value, inside), "", ""][:2]
    return pl.Datetime(_unit(unit), zone if zone not in ("", "None") else None)


def _duration(inside: list[str], depth: int) -> pl.DataType:
    return pl.Duration(_unit(_value(inside[0])))


def _decimal(inside: list[str], depth: int) -> pl.DataType:
    precision, scale = [*map(_value, inside), "0"][:2]
    digits = 38 if precision in ("None", "*") else int(precision)
    if not 0 < digits <= 38 or not 0 <= int(scale) <= digits:
        raise ValueError(inside)
    return pl.Decimal(digits, int(scale))


def _list(inside: list[str], depth: int) -> pl.DataType:
    if len(inside) != 1:
        raise ValueError(inside)
    return pl.List(_parsed(_value(inside[0]), depth))


def _array(inside: list[str], depth: int) -> pl.DataType:
    """Array(Int64, shape=(2,)), array[f32, 3]."""
    inner, shape = inside
    if not _SHAPE.fullmatch(shape):
        raise ValueError(shape)
    sizes = tuple(int(size) for size in re.findall(r"\d+", shape))
    # Polars nests an array in another for each dimension, and is recursive about it.
    if len(sizes) > _DEEPEST or any(not 0 < size <= 1 << 20 for size in sizes):
        raise ValueError(shape)
    return pl.Array(_parsed(_value(inner), depth + len(sizes) - 1), sizes)


def _struct(inside: list[str], depth: int) -> pl.DataType:
    """Struct({'a': Int64, 'b': String}), struct<a: int64, b: string>."""
    if len(inside) == 1 and inside[0].startswith("{") and inside[0].endswith("}"):
        inside = _arguments(inside[0][1:-1])
    fields = []
    for field in inside:
        name, colon, dtype = field.partition(":")
        if not colon:
            raise ValueError(field)
        fields.append(pl.Field(name.strip().strip("'\""), _parsed(dtype, depth)))
    if not fields:
        raise ValueError(inside)
    return pl.Struct(fields)


def _enum(inside: list[str], depth: int) -> pl.DataType:
    """Enum(categories=['a', 'b']): only where the categories can be told apart."""
    listed = _value(", ".join(inside))
    names = [one.strip("'\"") for one in _arguments(listed.strip("[]"))]
    if not names or "…" in listed or any("'" in name or '"' in name for name in names):
        raise ValueError(inside)
    return pl.Enum(names)


def _text(inside: list[str], depth: int) -> pl.DataType:
    """VARCHAR(20)."""
    int(_value(inside[0]))
    return pl.String()


_WITH_PARAMETERS = {
    **dict.fromkeys(("datetime", "datetime64", "timestamp"), _datetime),
    **dict.fromkeys(("duration", "timedelta64"), _duration),
    **dict.fromkeys(("decimal", "dec", "numeric", "decimal128"), _decimal),
    **dict.fromkeys(("list", "large_list"), _list),
    **dict.fromkeys(("array", "fixed_size_list"), _array),
    **dict.fromkeys(("varchar", "char"), _text),
    "struct": _struct,
    "enum": _enum,
}


def _unit(text: str) -> Any:
    return _UNITS[text] if text in _UNITS else _raise(text)


def _raise(text: str) -> Any:
    raise ValueError(text)


def _value(argument: str) -> str:
    """An argument without its keyword and quotes: time_unit='us' is us."""
    keyword = _KEYWORD.match(argument)
    value = argument[keyword.end() :] if keyword else argument
    return value.strip().strip("'\"")


def _arguments(text: str) -> list[str]:
    """What commas part that are in no brackets and no quotes."""
    parts, depth, quote, start = [], 0, "", 0
    for at, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "([{<":
            depth += 1
        elif character in ")]}>":
            depth -= 1
        elif character == "," and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    parts.append(text[start:].strip())
    return [part for part in parts if part]
