"""A process that reads Arrow data from programs, so that the supervisor need not trust it.

A server that has imported what it needs and never parses any of the data forks a process for each
payload; that one is confined by system call too, reads, checks, encodes anew and ends. What it
crashes is itself, and all that it can reach is a pipe of its own: a payload that takes it over has
no say in how the next one is read. Descriptor 4 takes a META and a DATA frame, descriptor 3 gives a
DATA frame, or an ERROR frame that says what is wrong.
"""

import json
import os
from io import BytesIO
from typing import Any

from . import frames, privileges, seccomp
from .confine import confine, keep_descriptors
from .frames import FrameError, FrameReader, FrameTooLarge
from .spec import Spec

_RESULT, _REQUEST = 3, 4
_DONE = 17
"""Exit code of a payload's process that has answered."""
_PIECE = 1 << 18
_SMALL_FRAME = 1 << 16


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
        request = json.loads(meta[1])
        tag, body = _answer_of_a_process(spec, memory, request, data[1])
        frames.write_frame(_RESULT, tag, body)
        del meta, data, body


def _answer_of_a_process(
    spec: Spec, memory: int, request: dict[str, Any], data: bytes
) -> tuple[bytes, bytes]:
    """Have a process of its own read the payload; its one frame, when it ended as it should."""
    answers, answer = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(answers)
        _keep_only(answer)
        _answer_and_exit(spec, memory, request, data)
    os.close(answer)
    most = {frames.DATA: request["answer_bytes"], frames.ERROR: _SMALL_FRAME}
    try:
        given = _frames(answers, most)
    finally:
        os.close(answers)
        _, status = os.waitpid(process, 0)
    if os.waitstatus_to_exitcode(status) != _DONE or len(given) != 1:
        return _refusal("payload_invalid", "reading it crashed")
    return given[0]


def _keep_only(answer: int) -> None:
    """In the payload's process: its own pipe in place of the server's, and nothing else.

    What it prints goes nowhere: nobody empties the server's stderr, and a full pipe would block.
    """
    os.dup2(answer, _RESULT, inheritable=False)
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.closerange(_RESULT + 1, os.sysconf("SC_OPEN_MAX"))


def _frames(descriptor: int, most_bytes: dict[bytes, int]) -> list[tuple[bytes, bytes]]:
    """All frames until the end; none where more or other than one frame came."""
    reader = FrameReader(most_bytes)
    found: list[tuple[bytes, bytes]] = []
    try:
        while data := os.read(descriptor, _PIECE):
            found += reader.feed(data)
            if len(found) > 1:
                return []
    except (FrameError, FrameTooLarge):
        return []
    return found if not reader.pending else []


def _answer_and_exit(spec: Spec, memory: int, request: dict[str, Any], data: bytes) -> None:
    try:
        privileges.limit_program(memory, spec.cpu_s)
        if spec.seccomp:
            seccomp.restrict_system_calls()
        frame = _read(
            data, request["wide_integers"], request["result_rows"], request["result_bytes"]
        )
        frames.write_frame(_RESULT, frames.DATA, frame)
    except TooLarge as error:
        frames.write_frame(_RESULT, *_refusal("result_too_large", str(error)))
    except BaseException as error:
        message = f"{type(error).__name__}: {error}"[:500]
        frames.write_frame(_RESULT, *_refusal("payload_invalid", message))
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


def _refusal(status: str, message: str) -> tuple[bytes, bytes]:
    return frames.ERROR, json.dumps({"status": status, "message": message}).encode()
