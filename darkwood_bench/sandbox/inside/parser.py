"""A process that reads Arrow data from programs, so that the supervisor need not trust it.

A server that has imported what it needs and never parses any of the data copies itself for each
payload; the copy is confined by system call too, reads, checks, describes what it read and ends.
What it crashes is itself, and all that it can reach is a pipe of its own: a payload that takes it
over has no say in how the next one is read. It cannot sleep either, so that it is gone when its CPU
time is used up. Descriptor 4 takes a META and a DATA frame, descriptor 3 gives a META and a DATA
frame (see `columns`), or an ERROR frame that says what is wrong.
"""

import gc
import json
import os
import resource
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from . import frames, privileges, seccomp
from .confine import confine, keep_descriptors, prepare
from .forking import plain_fork
from .formats import MOST_BATCHES
from .frames import FrameError, FrameReader, FrameTooLarge
from .spec import Spec

_RESULT, _REQUEST = 3, 4
_DONE = 17
"""Exit code of a payload's process that has answered."""
_PIECE = 1 << 18
_SMALL_FRAME = 1 << 16

Answer = list[tuple[bytes, bytes]]


def main(spec: Spec) -> None:
    """Serve until the requests end."""
    keep_descriptors(spec)
    privileges.gain_none()
    confine(prepare(spec), spec.uid, system_calls=False)
    fork = _prepare()
    forbid_calls = seccomp.for_computing() if spec.seccomp else _nothing
    privileges.limit_address_space(privileges.address_space() + spec.memory_bytes)
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):  # nobody empties the server's stderr, and a full pipe would block
        os.dup2(null, standard)
    os.close(null)
    _warm_up()
    gc.collect()
    gc.freeze()
    gc.disable()
    frames.write_frame(_RESULT, frames.READY)
    while True:
        meta, data = frames.read_frame(_REQUEST), frames.read_frame(_REQUEST)
        if meta is None or data is None:
            return
        request = json.loads(meta[1])
        for tag, body in _answer_of_a_copy(fork, forbid_calls, request, data[1]):
            frames.write_frame(_RESULT, tag, body)
        del data


def _prepare() -> Callable[[], int]:
    """Import what reads, as little as will do; returns how to fork cheaply.

    fork(3) calls what libraries have registered for it, Arrow's unused allocator above all: four
    fifths of what a copy's first moment costs. Nothing here needs that, since no other thread
    holds a lock.
    """
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"
    os.environ["JE_ARROW_MALLOC_CONF"] = "background_thread:false"
    sys.modules["numpy"] = None  # type: ignore[assignment] - Arrow does without, in less memory
    import pyarrow.ipc  # noqa: F401

    from . import columns  # noqa: F401

    return plain_fork()


def _nothing() -> None:
    pass


def _warm_up() -> None:
    """Have the common path's code linked and its objects made, once for all copies."""
    import pyarrow as pa

    schema = pa.schema(
        {
            "a": pa.string_view(),
            "b": pa.large_list(pa.float64()),
            "c": pa.dictionary(pa.uint32(), pa.string_view()),
        }
    )
    codes = pa.array([0, 1], pa.uint32())
    words = pa.array(["a", "b"], pa.string_view())
    columns = [words, [[1.5], []], pa.DictionaryArray.from_arrays(codes, words)]
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_table(pa.table(columns, schema=schema))
    sample = sink.getvalue().to_pybytes()
    for _ in range(3):
        _read(sample, 2, 1 << 20)


def _answer_of_a_copy(
    fork: Callable[[], int], forbid_calls: Callable[[], None], request: dict[str, Any], data: bytes
) -> Answer:
    """Have a process of its own read the payload; its frames, when it ended as it should."""
    answers, answer = os.pipe()
    process = fork()
    if process == 0:
        os.dup2(answer, _RESULT, inheritable=False)
        os.close(answers)
        os.close(answer)
        os.close(_REQUEST)
        _answer_and_exit(forbid_calls, request, data)
    os.close(answer)
    most = {
        frames.META: request["answer_bytes"],
        frames.DATA: request["answer_bytes"],
        frames.ERROR: _SMALL_FRAME,
    }
    try:
        given = _frames(answers, most)
    finally:
        os.close(answers)
        _, status = os.waitpid(process, 0)
    tags = [tag for tag, _ in given]
    whole = tags in ([frames.META, frames.DATA], [frames.ERROR])
    if os.waitstatus_to_exitcode(status) != _DONE or not whole:
        return [_refusal("payload_invalid", "reading it crashed")]
    return given


def _frames(descriptor: int, most_bytes: dict[bytes, int]) -> Answer:
    """All frames until the end; none where more or others came than may."""
    reader = FrameReader(most_bytes)
    found: Answer = []
    try:
        while data := os.read(descriptor, _PIECE):
            found += reader.feed(data)
            if len(found) > len(most_bytes):
                return []
    except (FrameError, FrameTooLarge):
        return []
    return found if not reader.pending else []


def _answer_and_exit(
    forbid_calls: Callable[[], None], request: dict[str, Any], data: bytes
) -> NoReturn:
    from .expansion import TooLarge

    try:
        resource.setrlimit(resource.RLIMIT_CPU, (request["cpu_s"], request["cpu_s"]))
        forbid_calls()
        description, body = _read(data, request["result_rows"], request["result_bytes"])
        frames.write_frame(_RESULT, frames.META, description)
        frames.write_frame(_RESULT, frames.DATA, body)
    except TooLarge as error:
        frames.write_frame(_RESULT, *_refusal("result_too_large", str(error)))
    except BaseException as error:
        message = f"{type(error).__name__}: {error}"[:500]
        frames.write_frame(_RESULT, *_refusal("payload_invalid", message))
    os._exit(_DONE)


def _read(data: bytes, most_rows: int, most_bytes: int) -> tuple[bytes, bytes]:
    """Check every buffer, then describe what was read; raises whatever is wrong with it."""
    import pyarrow as pa

    from . import columns
    from .expansion import SHARING, TooLarge, limit_shared

    options = pa.ipc.IpcReadOptions(use_threads=False)
    batches, rows, size = [], 0, 0
    with pa.ipc.open_stream(pa.py_buffer(data), options=options) as reader:
        for batch in reader:
            batch.validate()
            batches.append(batch)
            if len(batches) > MOST_BATCHES:
                raise ValueError(f"more than {MOST_BATCHES} record batches")
            rows, size = rows + batch.num_rows, size + batch.nbytes
            if rows > most_rows:
                raise TooLarge(f"{rows} rows or more; {most_rows} are allowed")
            if size > most_bytes:
                raise TooLarge(f"{size} bytes or more; {most_bytes} are allowed")
        table = pa.Table.from_batches(batches, reader.schema)
    chunks = (chunk for column in table.itercolumns() for chunk in column.chunks)
    limit_shared(chunks, SHARING * most_bytes)
    table.validate(full=True)
    described, buffers = columns.describe(table)
    return json.dumps(described).encode(), b"".join(columns.pack(buffers))


def _refusal(status: str, message: str) -> tuple[bytes, bytes]:
    return frames.ERROR, json.dumps({"status": status, "message": message}).encode()
