"""The first rows of a result, as JSON or Arrow."""

import base64
import datetime as dt
import json
import math
from decimal import Decimal
from io import BytesIO
from typing import Any, Literal

import polars as pl

from darkwood_bench.copilot.models import Result, ResultColumn

MOST_BYTES = 2_000_000
"""Of a preview's rows."""
_VALUE_CHARS = 10_000
_VALUES = 1_000
"""Of a list."""
_EXACT = 2**53 - 1
"""Integers beyond it are not what they were once JavaScript has read them."""


def preview(frame: pl.DataFrame, max_rows: int, form: Literal["json", "arrow"]) -> Result:
    """The first `max_rows` rows, fewer where they take more than `MOST_BYTES`."""
    columns = [ResultColumn(name=name, dtype=str(dtype)) for name, dtype in frame.schema.items()]
    head = frame.head(max_rows)
    rows: list[list[Any]] = []
    arrow, cut = None, False
    if form == "arrow":
        head, arrow = _arrow(head)
        shown = head.height
    else:
        rows, cut = _rows(head)
        shown = len(rows)
    return Result(
        columns=columns,
        rows=rows,
        n_rows=frame.height,
        truncated=cut or shown < frame.height,
        arrow_base64=arrow,
    )


def _sayable(head: pl.DataFrame) -> pl.DataFrame:
    """The same, with columns as text whose values Python has no form for: dates past 9999."""
    return head.with_columns(
        series.cast(pl.String, strict=False)
        for series in head.get_columns()
        if series.dtype.is_temporal() and not _has_form(series)
    )


def _has_form(series: pl.Series) -> bool:
    try:
        series.to_list()
    except BaseException as error:  # a panic of the engine is no Exception
        if isinstance(error, KeyboardInterrupt):
            raise
        return False
    return True


def _arrow(head: pl.DataFrame) -> tuple[pl.DataFrame, str]:
    """As many of the rows as fit, and them as an Arrow IPC stream in base64."""
    while True:
        buffer = BytesIO()
        head.write_ipc_stream(buffer)
        if buffer.tell() <= MOST_BYTES or head.height == 0:
            return head, base64.b64encode(buffer.getvalue()).decode()
        head = head.head(head.height // 2)


def _rows(head: pl.DataFrame) -> tuple[list[list[Any]], bool]:
    """Rows as JSON has them, and whether something of them was left out."""
    rows, size, cut = [], 0, False
    for row in _sayable(head).iter_rows():
        shown = []
        for value in row:
            plain, shortened = _plain(value)
            shown.append(plain)
            cut = cut or shortened
        size += len(json.dumps(shown))
        if size > MOST_BYTES:
            return rows, True
        rows.append(shown)
    return rows, cut


def _plain(value: Any) -> tuple[Any, bool]:
    """A cell as JSON has it, and whether it was shortened."""
    match value:
        case None | bool():
            return value, False
        case int():
            return (value if abs(value) <= _EXACT else str(value)), False
        case float():
            return (value if math.isfinite(value) else _not_finite(value)), False
        case str():
            # Half of a surrogate pair has no form in UTF-8; Polars has none either.
            return _shortened(value)
        case bytes():
            return _shortened(base64.b64encode(value).decode())
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat(), False
        case dt.timedelta():
            return _duration(value), False
        case Decimal():
            return str(value), False
        case pl.Series():
            return _plain(value.to_list())
        case list() | tuple():
            items = [_plain(item) for item in value[:_VALUES]]
            cut = len(value) > _VALUES or any(short for _, short in items)
            return [item for item, _ in items], cut
        case dict():
            fields = {name: _plain(item) for name, item in value.items()}
            cut = any(short for _, short in fields.values())
            return {name: item for name, (item, _) in fields.items()}, cut
        case _:
            return _shortened(str(value))


def _shortened(text: str) -> tuple[str, bool]:
    if len(text) <= _VALUE_CHARS:
        return text, False
    return f"{text[:_VALUE_CHARS]}…", True


def _not_finite(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _duration(value: dt.timedelta) -> str:
    """ISO 8601, in seconds: PT90.5S."""
    microseconds = value // dt.timedelta(microseconds=1)
    sign, (seconds, rest) = "-" if microseconds < 0 else "", divmod(abs(microseconds), 10**6)
    fraction = f".{rest:06d}".rstrip("0") if rest else ""
    return f"{sign}PT{seconds}{fraction}S"
