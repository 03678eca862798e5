"""An execution as a person reads it, and as a program does."""

import json
from collections.abc import Callable
from typing import Any

import polars as pl
from rich.markup import escape

from darkwood_bench.commands.terminal import out
from darkwood_bench.sandbox import Execution

CONTEXT_LINES = 2
SHOWN_TEXT = 4000
"""Characters of each output that are shown to a person."""


def as_json(execution: Execution, rows: int | None) -> str:
    """One JSON object on one line: every field of the execution, its result as a list of rows.

    Binary values are hexadecimal. JSON has neither NaN nor infinities: they are null. Dates beyond
    what can be written are the numbers that they are stored as.
    """
    frame = execution.result
    shown = frame if frame is None or rows is None else frame.head(rows)
    return json.dumps(
        {
            "status": execution.status,
            "error_class": execution.error_class,
            "error_message": execution.error_message,
            "error_line": execution.error_line,
            "result_kind": execution.result_kind,
            "rows": None if frame is None else frame.height,
            "columns": None if frame is None else _dtypes(frame),
            "result": None if shown is None else _rows(shown),
            "wall_s": execution.wall_s,
            "cpu_s": execution.cpu_s,
            "peak_memory_bytes": execution.peak_memory_bytes,
            "stdout": execution.stdout,
            "stderr": execution.stderr,
            "isolation_level": execution.isolation_level,
            "layers": list(execution.layers),
        },
        ensure_ascii=False,
    )


def print_execution(execution: Execution, code: str, rows: int) -> None:
    """Status and figures, then the error or the result, then what it printed."""
    colour = "green" if execution.status == "ok" else "red"
    out.print(f"[bold {colour}]{execution.status}[/]  {_figures(execution)}", soft_wrap=True)
    if execution.error_message is not None or execution.error_class is not None:
        _print_error(execution, code)
    if execution.result is not None:
        _print_frame(execution.result, rows)
    for name, text in (("stdout", execution.stdout), ("stderr", execution.stderr)):
        if text.strip():
            out.print(f"[bold cyan]{name}[/]")
            _print_plain(text[:SHOWN_TEXT].rstrip("\n"))
            if len(text) > SHOWN_TEXT:
                out.print(f"[dim]… {len(text) - SHOWN_TEXT:,} characters more[/]")


def printable(text: str) -> str:
    """Text of an untrusted program without what would steer a terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else f"\\x{ord(c):02x}" for c in text)


def _figures(execution: Execution) -> str:
    frame = execution.result
    shape = "" if frame is None else f"{_counted(frame)}, "
    layers = ", ".join(execution.layers)
    return (
        f"{shape}{execution.wall_s * 1000:.1f} ms, {execution.cpu_s * 1000:.1f} ms CPU, "
        f"{execution.peak_memory_bytes / 1e6:.1f} MB; isolation {execution.isolation_level} "
        f"({layers})"
    )


def _counted(frame: pl.DataFrame) -> str:
    return f"{frame.height:,} rows × {frame.width} columns"


def _print_error(execution: Execution, code: str) -> None:
    name = f"{printable(execution.error_class)}: " if execution.error_class else ""
    message = printable(execution.error_message or "").strip()
    out.print(f"[red]{escape(name)}[/]{escape(message)}", highlight=False, soft_wrap=True)
    if execution.error_line is not None:
        for line in excerpt(code, execution.error_line):
            _print_plain(line)


def excerpt(code: str, line: int) -> list[str]:
    """The line (from 1) with those about it, numbered, and carets beneath it."""
    lines = printable(code).split("\n")
    first, last = max(1, line - CONTEXT_LINES), min(len(lines), line + CONTEXT_LINES)
    width = len(str(last))
    shown = []
    for number in range(first, last + 1):
        text = lines[number - 1].replace("\t", "    ")
        mark = ">" if number == line else " "
        shown.append(f"{mark} {number:>{width}} | {text}".rstrip())
        if number == line:
            indent = len(text) - len(text.lstrip())
            carets = "^" * max(1, len(text.strip()))
            shown.append(f"  {'':>{width}} | {' ' * indent}{carets}")
    return shown


def _print_frame(frame: pl.DataFrame, rows: int) -> None:
    with pl.Config(
        tbl_rows=rows,
        tbl_cols=-1,
        tbl_width_chars=out.width,
        fmt_str_lengths=60,
        tbl_hide_dataframe_shape=True,
    ):
        _print_plain(_table(frame.head(rows)))
    if frame.height > rows:
        out.print(f"[dim]… {frame.height - rows:,} rows more[/]")


def _table(frame: pl.DataFrame) -> str:
    try:
        return str(frame)
    except pl.exceptions.PanicException:
        return str(_within_range(frame, str))


def _rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    writable = _writable(frame)
    try:
        return json.loads(writable.write_json())
    except pl.exceptions.PanicException:
        return json.loads(_within_range(writable, pl.DataFrame.write_json).write_json())


def _within_range(frame: pl.DataFrame, write: Callable[[pl.DataFrame], str]) -> pl.DataFrame:
    """With numbers in place of dates, in columns that cannot be written."""
    columns = []
    for series in frame:
        try:
            write(series.to_frame())
            columns.append(series)
        except pl.exceptions.PanicException:
            columns.append(series.to_physical())
    return pl.DataFrame(columns)


def _print_plain(text: str) -> None:
    out.print(printable(text), markup=False, highlight=False, soft_wrap=True)


def _dtypes(frame: pl.DataFrame) -> dict[str, str]:
    return {name: str(dtype) for name, dtype in frame.schema.items()}


def _writable(frame: pl.DataFrame) -> pl.DataFrame:
    """With binary values, which Polars writes no JSON of, as text."""
    return frame.with_columns(
        series.bin.encode("hex") if series.dtype == pl.Binary else _as_text(series)
        for series in frame
        if _holds_binary(series.dtype)
    )


def _as_text(series: pl.Series) -> pl.Series:
    values: list[Any] = series.to_list()
    texts = [None if value is None else str(value) for value in values]
    return pl.Series(series.name, texts, dtype=pl.String)


def _holds_binary(dtype: pl.DataType) -> bool:
    return "Binary" in str(dtype)
