"""Server-sent events: an answer's progress, then the answer."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from pydantic import BaseModel
from starlette.exceptions import HTTPException

from darkwood_bench.copilot.logs import LOGGER
from darkwood_bench.copilot.models import Progress
from darkwood_bench.copilot.replies import problem_bytes

EVENT_STREAM = "text/event-stream"
KEEP_ALIVE_S = 10.0
"""Between two signs of life, so that no proxy takes a long answer for a dead connection."""
Tell = Callable[[Progress], None]


async def events(work: Callable[[Tell], Coroutine[Any, Any, BaseModel]]) -> AsyncIterator[bytes]:
    """The events of some work that tells how it goes on; it is cancelled when nobody listens."""
    told: asyncio.Queue[Progress | None] = asyncio.Queue()
    working = asyncio.ensure_future(work(told.put_nowait))
    working.add_done_callback(lambda _: told.put_nowait(None))
    try:
        while True:
            try:
                progress = await asyncio.wait_for(told.get(), KEEP_ALIVE_S)
            except TimeoutError:
                yield b": working\n\n"
                continue
            if progress is None:
                break
            yield _event(b"progress", progress.model_dump_json(exclude_none=True).encode())
        yield _outcome(working)
    finally:
        if not working.done():
            working.cancel()
            await asyncio.wait({working})


def _outcome(work: asyncio.Future[BaseModel]) -> bytes:
    try:
        return _event(b"answer", work.result().model_dump_json().encode())
    except HTTPException as error:
        return _event(b"error", problem_bytes(str(error.detail)))
    except Exception as error:
        LOGGER.error("failed", exc_info=error)
        return _event(b"error", problem_bytes("the server failed; its log says why"))


def _event(name: bytes, data: bytes) -> bytes:
    """One event; JSON has no line breaks in it."""
    return b"event: " + name + b"\ndata: " + data + b"\n\n"
