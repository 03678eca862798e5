"""What routes share: the service behind them, the errors they describe, and clients that go."""

import asyncio
from collections.abc import Coroutine
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request

from darkwood_bench.copilot.errors import ClientGone
from darkwood_bench.copilot.models import Problem
from darkwood_bench.copilot.service import Copilot

Answer = TypeVar("Answer")
_SAID = {
    400: "not HTTP, or no JSON",
    401: "a token is needed",
    403: "asked from where it may not be",
    404: "not there",
    405: "another method is wanted",
    408: "the body was too slow",
    409: "not possible now",
    413: "too large",
    415: "a format that is not read",
    421: "not the name of this server",
    422: "not as described here",
    429: "too much at once: try again after Retry-After seconds",
    500: "the server failed",
    503: "not ready, or stopping: try again after Retry-After seconds",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors of a route, as its description has them, with those that any route can have."""
    every = {400, 401, 403, 421, 503, *statuses}
    return {status: {"model": Problem, "description": _SAID[status]} for status in sorted(every)}


def _copilot(request: Request) -> Copilot:
    return request.app.state.copilot


def _owner(request: Request) -> str:
    return request.scope["owner"]


Service = Annotated[Copilot, Depends(_copilot)]
Owner = Annotated[str, Depends(_owner)]
"""Which token asks: uploads belong to one."""


async def unless_gone(request: Request, work: Coroutine[Any, Any, Answer]) -> Answer:
    """What some work gives; it is cancelled when the client closes the connection.

    Raises ClientGone then.
    """
    working = asyncio.ensure_future(work)
    watching = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise ClientGone
    finally:
        watching.cancel()
        if not working.done():
            working.cancel()
            await asyncio.wait({working})


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
