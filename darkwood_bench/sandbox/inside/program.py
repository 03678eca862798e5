"""Run a program and make a frame of its `result`."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from typing import Any

import polars as pl

from .formats import MOST_BATCHES

FILE_NAME = "<answer>"
_MESSAGE_CHARS = 4000
_SCALARS = (int, float, str, bytes, Decimal, dt.date, dt.time, dt.timedelta)
_WIDE_INTEGERS = (pl.Int128, pl.UInt128)


@dataclass(frozen=True)
class Failure:
    """Why there is no result, as JSON sends it."""

    status: str
    error_class: str | None
    message: str | None
    line: int | None


@dataclass(frozen=True)
class Result:
    """The result, encoded."""

    kind: str
    wide_integers: dict[str, str]
    """Columns of 128-bit integers, which travel as text: Arrow has no such type."""
    data: bytes


def run(code: str, variables: dict[str, Any]) -> Result | Failure:
    """Compile and run the code with these variables, then encode what it assigned to `result`."""
    try:
        program = compile(code, FILE_NAME, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return _failure("syntax_error", error, getattr(error, "lineno", None))
    scope = {"__name__": "__main__", "__builtins__": __builtins__, "pl": pl, **variables}
    try:
        exec(program, scope)
        if "result" not in scope:
            return Failure("no_result", None, "the code assigns nothing to `result`", None)
        return _encode(scope["result"])
    except SystemExit as error:
        return _failure("exited_early", error)
    except MemoryError as error:
        return _failure("oom", error)
    except BaseException as error:
        return _failure("runtime_error", error)


def _encode(value: Any) -> Result | Failure:
    kind = _kind(value)
    if kind is None:
        name = type(value).__name__
        return Failure("wrong_type", name, f"`result` is a {name}, not a frame", None)
    frame = _to_frame(value, kind)
    if max(frame.n_chunks("all"), default=0) > MOST_BATCHES:
        frame = frame.rechunk()
    for name, dtype in frame.schema.items():
        if problem := _not_carried(dtype):
            return Failure("wrong_type", "DataFrame", f"column '{name}' holds {problem}", None)
    wide = {name: str(dtype) for name, dtype in frame.schema.items() if dtype in _WIDE_INTEGERS}
    buffer = BytesIO()
    as_text = [frame.get_column(name).cast(pl.String) for name in wide]
    frame.with_columns(as_text).write_ipc_stream(buffer)
    return Result(kind, wide, buffer.getvalue())


def _kind(value: Any) -> str | None:
    # Exact types: a subclass may have changed what its methods do.
    kinds = {pl.DataFrame: "frame", pl.LazyFrame: "lazy", pl.Series: "series"}
    return kinds.get(type(value)) or ("scalar" if isinstance(value, _SCALARS) else None)


def _to_frame(value: Any, kind: str) -> pl.DataFrame:
    if kind == "lazy":
        return value.collect()
    if kind == "series":
        return value.to_frame(value.name or "result")
    if kind == "scalar":
        return pl.DataFrame({"result": [value]})
    return value


def _not_carried(dtype: pl.DataType, nested: bool = False) -> str | None:
    """What the wire has no form for."""
    if dtype == pl.Object:
        return "Python objects"
    if nested and dtype in _WIDE_INTEGERS:
        return "nested 128-bit integers"
    inner: list[Any] = []
    if isinstance(dtype, pl.List | pl.Array):
        inner = [dtype.inner]
    elif isinstance(dtype, pl.Struct):
        inner = [field.dtype for field in dtype.fields]
    return next((problem for one in inner if (problem := _not_carried(one, True))), None)


def _failure(status: str, error: BaseException, line: int | None = None) -> Failure:
    return Failure(status, type(error).__name__, _text(error), line or _line(error))


def _text(error: BaseException) -> str:
    try:
        return str(error)[:_MESSAGE_CHARS]
    except BaseException as second:
        return f"(its text cannot be had: {type(second).__name__})"


def _line(error: BaseException) -> int | None:
    """The innermost line of the program's own code on the way to the error."""
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILE_NAME:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
