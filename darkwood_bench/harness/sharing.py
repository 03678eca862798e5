"""The worker's side of a process that many ask at once (see `shared`): answers side by side.

After the message {"task": "share"} come {"ask": its number, and what a request has} and {"stop": a
number}. Replies are {"of": a number, "tokens": so far} now and then, and {"of", "completion"}, or
{"of"} with an error's fields, once each.
"""

import json
import os
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from multiprocessing.connection import Connection
from threading import Lock
from typing import Any

from darkwood_bench.harness.backends import Backend, BackendError, Interrupted, Request, Watched
from darkwood_bench.harness.wire import error_message

TELL_S = 0.2
"""Between two words on how far an answer is."""
Reply = Callable[[dict[str, Any]], None]
Read = Callable[[Backend, dict[str, Any]], Request]


def share(backend: Backend, connection: Connection, read: Read, reply: Reply) -> None:
    """Answer requests, as many at once as the backend has slots, until the other end closes."""
    sending, stopped = Lock(), set[int]()

    def say(message: dict[str, Any]) -> None:
        with sending:
            reply(message)

    def answer(number: int, message: dict[str, Any]) -> None:
        try:
            say({"of": number, **_outcome(backend, number, message, read, say, stopped)})
        except OSError:  # nobody is there any more
            return
        except BaseException:  # a fault of ours: whoever waits learns that the worker has ended
            traceback.print_exc()
            os._exit(1)

    # Not to be waited for at the end: the process goes, and with it what is under way.
    threads = ThreadPoolExecutor(backend.slots)
    while True:
        try:
            message = json.loads(connection.recv_bytes())
        except (EOFError, OSError):
            os._exit(0)
        if "stop" in message:
            stopped.add(message["stop"])
        else:
            threads.submit(answer, message["ask"], message)


def _outcome(
    backend: Backend,
    number: int,
    message: dict[str, Any],
    read: Read,
    say: Reply,
    stopped: set[int],
) -> dict[str, Any]:
    told = time.monotonic()

    def watch(tokens: int) -> bool:
        nonlocal told
        if tokens and time.monotonic() - told >= TELL_S:
            told = time.monotonic()
            say({"of": number, "tokens": tokens})
        return number in stopped

    try:
        if number in stopped:
            raise Interrupted("given up before it began")
        request = read(backend, message)
        if isinstance(backend, Watched):
            completion = backend.generate_watched(request, watch)
        else:
            completion = backend.generate(request)
    except BackendError as error:
        return error_message(error)
    finally:
        stopped.discard(number)
    return {"completion": asdict(completion)}
