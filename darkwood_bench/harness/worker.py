"""The process that holds one model: `python -m darkwood_bench.harness.worker FD PARENT`.

It imports its backend and nothing of the pipeline, because its peak memory is part of the score.
JSON messages go over the socket FD, one reply a message unless something else is said here; stdout
and stderr are the engine's logs.

First message: {"task", "backend", "engine", "weights"}; reply {"version", "elsewhere"}: ids of
processes that work for it without descending from it. The task `prepare` derives what loading needs
and ends; `load` loads, and then come
other messages: {"messages", "decoding", "grammar", "asked"}, a request; reply {"completion",
"allocated_peak_bytes"}.
{"task": "many", "requests"} has a reply of {"done": its number, "completion"} for each request as
it ends, with an error's fields rather than "completion" where it failed; then the last reply,
{"allocated_peak_bytes"}.
{"task": "reset"} forgets earlier prompts; reply {"elsewhere"}.
{"task": "share"} is the last of this kind: see `sharing` for what comes then.
A reply of {"error", "kind", "transient"} is a BackendError of that kind; after one, the worker
takes the next message, unless it was the loading that failed.
"""

import ctypes
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from darkwood_bench.harness.backends import (
    Backend,
    BackendError,
    Completion,
    Engine,
    Request,
    WorksElsewhere,
    backend_class,
)
from darkwood_bench.harness.wire import error_message, read_request

Reply = Callable[[dict[str, Any]], None]
_PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent is gone, however it went (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("the process that started this worker is gone")


def _begin(message: dict[str, Any]) -> Backend:
    engine = {**message["engine"], "cache": Path(message["engine"]["cache"])}
    backend = backend_class(message["backend"])(Engine(**engine))
    do = backend.prepare if message["task"] == "prepare" else backend.load
    do(Path(message["weights"]))
    return backend


def _request(backend: Backend, message: dict[str, Any]) -> Request:
    if message["grammar"] is not None and not backend.constrains:
        if not message["grammar_needed"]:
            return read_request({**message, "grammar": None})
        raise BackendError(
            f"{backend.name} cannot hold answers to a grammar; take a prompt variant without one"
        )
    return read_request(message)


def _elsewhere(backend: Backend) -> list[int]:
    """Processes that do not descend from this one, whose memory is to be measured with its own."""
    return list(backend.elsewhere) if isinstance(backend, WorksElsewhere) else []


def _answer(backend: Backend, message: dict[str, Any], reply: Reply) -> dict[str, Any]:
    if message.get("task") == "reset":
        backend.reset()
        return {"elsewhere": _elsewhere(backend)}
    if message.get("task") == "many":

        def done(number: int, outcome: Completion | BackendError) -> None:
            failed = isinstance(outcome, BackendError)
            told = error_message(outcome) if failed else {"completion": asdict(outcome)}
            reply({"done": number, **told})

        backend.generate_many([_request(backend, one) for one in message["requests"]], done)
        return {"allocated_peak_bytes": backend.allocated_peak_bytes()}
    completion = backend.generate(_request(backend, message))
    peak = backend.allocated_peak_bytes()
    return {"completion": asdict(completion), "allocated_peak_bytes": peak}


def serve(connection: Connection) -> None:
    """Prepare or load, then answer until the other end closes."""

    def reply(message: dict[str, Any]) -> None:
        # Half of a surrogate pair, which JSON may hold and UTF-8 may not, could not be kept.
        connection.send_bytes(json.dumps(message, ensure_ascii=False).encode(errors="replace"))

    try:
        backend = _begin(json.loads(connection.recv_bytes()))
    except BackendError as error:
        reply(error_message(error))
        return
    reply({"version": backend.version, "elsewhere": _elsewhere(backend)})
    while True:
        try:
            message = json.loads(connection.recv_bytes())
        except EOFError:
            break
        if message.get("task") == "share":
            from darkwood_bench.harness.sharing import share

            share(backend, connection, _request, reply)
        try:
            reply(_answer(backend, message, reply))
        except BackendError as error:
            reply(error_message(error))
    backend.close()


if __name__ == "__main__":
    die_with_parent(int(sys.argv[2]))
    serve(Connection(int(sys.argv[1])))
