"""The tables that programs find loaded, read without starting a thread in this process.

Reading Parquet, CSV or an IPC file starts the engine's threads; reading an IPC stream does not. So
a child reads the files, confined like any other, and hands the tables over as streams.
"""

import os
from io import BytesIO
from typing import BinaryIO

import polars as pl

from . import frames
from .confine import Prepared, confine
from .formats import FORMATS

_FAILED = 1


def load_tables(prepared: Prepared) -> dict[str, pl.DataFrame]:
    """Every table of the spec, in its order. Raises RuntimeError for one that cannot be read."""
    if not prepared.spec.tables:
        return {}
    streams, stream = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(streams)
        _hand_over(prepared, stream)
    os.close(stream)
    tables = {}
    for name in prepared.spec.tables:
        frame = frames.read_frame(streams)
        if frame is None or frame[0] != frames.DATA:
            raise RuntimeError(frame[1].decode() if frame else "reading the tables crashed")
        tables[name] = pl.read_ipc_stream(BytesIO(frame[1]))
    os.close(streams)
    os.waitpid(process, 0)
    return tables


def _hand_over(prepared: Prepared, stream: int) -> None:
    """In the child: read the files and write them as streams, then end."""
    try:
        spec = prepared.spec
        files = {name: open(path, "rb") for name, path in spec.tables.items()}  # noqa: PTH123, SIM115
        confine(prepared, spec.uid)
        for name, file in files.items():
            table = _read(file, FORMATS[os.path.splitext(spec.tables[name])[1]])  # noqa: PTH122
            encoded = BytesIO()
            table.write_ipc_stream(encoded)
            frames.write_frame(stream, frames.DATA, encoded.getbuffer())
    except BaseException as error:
        text = f"{type(error).__name__}: {error}"
        frames.write_frame(stream, frames.ERROR, text.encode("utf-8", "replace"))
        os._exit(_FAILED)
    os._exit(0)


def _read(file: BinaryIO, format_: str) -> pl.DataFrame:
    """A whole table as an eager frame; dates in a CSV are recognised."""
    if format_ == "parquet":
        return pl.read_parquet(file)
    if format_ == "csv":
        return pl.read_csv(file, try_parse_dates=True)
    if format_ == "ipc_stream":
        return pl.read_ipc_stream(file)
    return pl.read_ipc(file)
