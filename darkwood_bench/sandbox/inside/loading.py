"""The tables that programs find loaded, read without starting a thread in this process.

Reading Parquet, CSV or an IPC file starts the engine's threads; reading an IPC stream does not. So
a child reads the files, confined like any other, and hands the tables over as streams.
"""

import os
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO, NoReturn

import polars as pl

from . import frames
from .confine import Prepared, confine
from .formats import FORMATS

_MESSAGE_CHARS = 500


@dataclass(frozen=True)
class Loaded:
    """Tables by name, and what is wrong with those that cannot be read."""

    tables: dict[str, pl.DataFrame]
    problems: dict[str, str]


def load_tables(prepared: Prepared) -> Loaded:
    """Every table of the spec, in its order. Raises RuntimeError when reading them ends early."""
    loaded = Loaded({}, {})
    if not prepared.spec.tables:
        return loaded
    streams, stream = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(streams)
        _hand_over(prepared, stream)
    os.close(stream)
    for name in prepared.spec.tables:
        frame = frames.read_frame(streams)
        if frame is None:
            raise RuntimeError(f"table {name}: reading it crashed")
        if frame[0] == frames.DATA:
            loaded.tables[name] = pl.read_ipc_stream(BytesIO(frame[1]))
        else:
            loaded.problems[name] = frame[1].decode()
    os.close(streams)
    os.waitpid(process, 0)
    return loaded


def _hand_over(prepared: Prepared, stream: int) -> NoReturn:
    """In the child: read the files and write them as streams, then end."""
    try:
        spec = prepared.spec
        files = {name: _opened(path) for name, path in spec.tables.items()}
        confine(prepared, spec.uid)
        for name, file in files.items():
            if isinstance(file, OSError):
                frames.write_frame(stream, frames.ERROR, _said(file))
                continue
            format_ = FORMATS[os.path.splitext(spec.tables[name])[1]]  # noqa: PTH122
            frames.write_frame(stream, *_encoded(file, format_))
    except BaseException as error:  # what confines did not hold: no table is to be had
        for _ in prepared.spec.tables:
            frames.write_frame(stream, frames.ERROR, _said(error))
    finally:
        os._exit(0)


def _encoded(file: BinaryIO, format_: str) -> tuple[bytes, bytes | memoryview]:
    encoded = BytesIO()
    try:
        read_table(file, format_).write_ipc_stream(encoded)
    except BaseException as error:  # a panic of the engine is no Exception
        return frames.ERROR, _said(error)
    return frames.DATA, encoded.getbuffer()


def _opened(path: str) -> BinaryIO | OSError:
    """Opened before the rules hold, which let programs read no table's file."""
    try:
        return open(path, "rb")  # noqa: PTH123
    except OSError as error:
        return error


def _said(error: BaseException) -> bytes:
    return f"{type(error).__name__}: {error}"[:_MESSAGE_CHARS].encode("utf-8", "replace")


def read_table(file: BinaryIO, format_: str) -> pl.DataFrame:
    """A whole table as an eager frame; dates in a CSV are recognised."""
    if format_ == "parquet":
        return pl.read_parquet(file)
    if format_ == "csv":
        return pl.read_csv(file, try_parse_dates=True)
    if format_ == "ipc_stream":
        return pl.read_ipc_stream(file)
    return pl.read_ipc(file)
