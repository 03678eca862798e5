"""Connections that ask nothing, or read nothing, are closed: uvicorn itself would keep them."""

import asyncio
import resource
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_S = 15.0
"""Until a request's head has come whole, from when the connection or the head begins."""
UNREAD_S = 60.0
"""That a reply may wait for somebody to read more of it."""
_MOST = 2_000
_TO_BE_TOLD = 64
"""Beyond the limit at which requests are answered 503: these can still be told so."""


class Connection(H11Protocol):
    """uvicorn's, with an end to waiting. h11 holds no head, nor trailer, beyond 64 KiB."""

    _request: asyncio.TimerHandle | None = None
    _reply: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept it, unless there are too many."""
        super().connection_made(transport)
        if self.limit_concurrency and len(self.connections) > self.limit_concurrency + _TO_BE_TOLD:
            transport.abort()
        else:
            self._request = self.loop.call_later(REQUEST_S, self._give_up)

    def data_received(self, data: bytes) -> None:
        """What comes while nothing is being answered is the head of a request, or part of it."""
        super().data_received(data)
        if not self._is_idle():
            _cancel(self._request)
            self._request = None
        elif self._request is None:
            self._request = self.loop.call_later(REQUEST_S, self._give_up)

    def pause_writing(self) -> None:
        """There is more to read than the client has read."""
        super().pause_writing()
        self._reply = self.loop.call_later(UNREAD_S, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        _cancel(self._reply)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        _cancel(self._request)
        _cancel(self._reply)

    def _is_idle(self) -> bool:
        cycle: Any = self.cycle
        return cycle is None or cycle.response_complete

    def _give_up(self) -> None:
        self._request = None
        if self._is_idle():
            self.transport.abort()


def most_connections() -> int:
    """How many may be open at once: half of the descriptors that the process may have, at most."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST if descriptors == resource.RLIM_INFINITY else min(_MOST, descriptors // 2)


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
