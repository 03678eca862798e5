"""The process that holds one model: `python -m darkwood_bench.harness.worker FD PARENT`.

It imports its backend and nothing of the pipeline, because its peak memory is part of the score.
JSON messages go over the socket FD, one reply a message; stdout and stderr are the engine's logs.

First message: {"task", "backend", "engine", "weights"}; reply {"version"}. The task `prepare`
derives what loading needs and ends; `load` loads, and then come
other messages: {"messages", "decoding"}; reply {"completion"}.
{"task": "reset"} forgets earlier prompts; reply {}.
A reply of {"error", "kind"} is a BackendError of that kind; after one, the worker takes the next
message, unless it was the loading that failed.
"""

import ctypes
import json
import os
import signal
import sys
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from darkwood_bench.harness.backends import (
    Backend,
    BackendError,
    Engine,
    Request,
    backend_class,
)
from darkwood_bench.harness.decoding import Decoding

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


def _answer(backend: Backend, message: dict[str, Any]) -> dict[str, Any]:
    if message.get("task") == "reset":
        backend.reset()
        return {}
    decoding = {**message["decoding"], "stop": tuple(message["decoding"]["stop"])}
    completion = backend.generate(Request(message["messages"], Decoding(**decoding)))
    return {"completion": asdict(completion)}


def serve(connection: Connection) -> None:
    """Prepare or load, then answer until the other end closes."""

    def reply(message: dict[str, Any]) -> None:
        connection.send_bytes(json.dumps(message).encode())

    def failed(error: BackendError) -> dict[str, Any]:
        return {"error": str(error), "kind": error.kind}

    try:
        backend = _begin(json.loads(connection.recv_bytes()))
    except BackendError as error:
        reply(failed(error))
        return
    reply({"version": backend.version})
    while True:
        try:
            message = json.loads(connection.recv_bytes())
        except EOFError:
            break
        try:
            reply(_answer(backend, message))
        except BackendError as error:
            reply(failed(error))
    backend.close()


if __name__ == "__main__":
    die_with_parent(int(sys.argv[2]))
    serve(Connection(int(sys.argv[1])))
