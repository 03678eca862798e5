"""A process that reads Arrow data from programs, so that the supervisor need not trust it.

A server that has imported what it needs and never reads any of the data forks a process for each
payload; that one is confined by system call too, reads, checks, encodes anew and ends. What it
crashes is itself. Descriptor 4 takes a META and a DATA frame, descriptor 3 gives a DATA frame, or
an ERROR frame that says what is wrong.
"""

import json
import os
from io import BytesIO
from typing import Any

from . import frames, privileges, seccomp
from .confine import confine, keep_descriptors
from .spec import Spec

_RESULT, _REQUEST = 3, 4
_DONE = 17
"""Exit code of a payload's process that has answered."""


def main(spec: Spec) -> None:
    """Serve until the requests end."""
    keep_descriptors(spec)
    confine(spec, system_calls=False)
    import polars  # noqa: F401
    import pyarrow.ipc  # noqa: F401 - every payload's process inherits both

    memory = privileges.address_space() + spec.memory_bytes
    frames.write_frame(_RESULT, frames.READY)
    while True:
        meta, data = frames.read_frame(_REQUEST), frames.read_frame(_REQUEST)
        if meta is None or data is None:
            return
        process = os.fork()
        if process == 0:
            _answer_and_exit(spec, memory, json.loads(meta[1]), data[1])
        _, status = os.waitpid(process, 0)
        if os.waitstatus_to_exitcode(status) != _DONE:
            _answer_error("payload_invalid", "reading it crashed")
        del meta, data


def _answer_and_exit(spec: Spec, memory: int, meta: dict[str, Any], data: bytes) -> None:
    try:
        privileges.limit_program(memory, spec.cpu_s)
        if spec.seccomp:
            seccomp.restrict_system_calls()
        frame = _read(data, meta["wide_integers"], meta["result_rows"], meta["result_bytes"])
        frames.write_frame(_RESULT, frames.DATA, frame)
    except TooLarge as error:
        _answer_error("result_too_large", str(error))
    except BaseException as error:
        _answer_error("payload_invalid", f"{type(error).__name__}: {error}"[:500])
    os._exit(_DONE)


class TooLarge(Exception):
    """The payload is valid and more than was allowed."""


def _read(data: bytes, wide: dict[str, str], most_rows: int, most_bytes: int) -> bytes:
    """Check every buffer, then encode what was read; raises whatever is wrong with it."""
    import polars as pl
    import pyarrow as pa
    from pyarrow import ipc

    options = ipc.IpcReadOptions(use_threads=False)
    with ipc.open_stream(pa.py_buffer(data), options=options) as reader:
        table = reader.read_all()
    table.validate(full=True)
    if table.num_rows > most_rows:
        raise TooLarge(f"{table.num_rows} rows; {most_rows} are allowed")
    if table.nbytes > most_bytes:
        raise TooLarge(f"{table.nbytes} bytes; {most_bytes} are allowed")
    sink = pa.BufferOutputStream()
    with ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    frame = pl.read_ipc_stream(BytesIO(sink.getvalue().to_pybytes()))
    if frame.shape != (table.num_rows, table.num_columns):
        raise ValueError(f"{frame.shape} read of {table.num_rows} rows")
    dtypes = {"Int128": pl.Int128, "UInt128": pl.UInt128}
    frame = frame.with_columns(pl.col(name).cast(dtypes[dtype]) for name, dtype in wide.items())
    encoded = BytesIO()
    frame.write_ipc_stream(encoded)
    pl.read_ipc_stream(BytesIO(encoded.getvalue()))  # as the supervisor will
    return encoded.getvalue()


def _answer_error(status: str, message: str) -> None:
    body = json.dumps({"status": status, "message": message}).encode()
    frames.write_frame(_RESULT, frames.ERROR, body)
