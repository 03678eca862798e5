"""How much a request may send, and how long it may take to send it."""

import asyncio
import time

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from darkwood_bench.copilot.budget import Budget
from darkwood_bench.copilot.errors import Refused
from darkwood_bench.copilot.replies import send_problem
from darkwood_bench.copilot.settings import MEGABYTE, CopilotSettings

UPLOADS = "/v1/uploads"
_FORM_BYTES = 64 * 1024
"""What a multipart form has beside its file."""
_MORE_THAN_QUEUED = 16
"""Bodies of the largest size that may be there beside those of requests that wait."""
_LATER_S = 5.0
_BODY_S = 30.0
_UPLOAD_S = 300.0


class BodyLimit:
    """ASGI middleware that breaks off bodies which are too long, too long in coming, or more than
    there is room for with those of all other requests."""

    def __init__(self, app: ASGIApp, settings: CopilotSettings) -> None:
        self.app = app
        self._bytes = int(settings.max_body_mb * MEGABYTE)
        self._all = Budget(self._bytes * (settings.queue + _MORE_THAN_QUEUED))
        """Of bodies that are held in memory until they are answered; uploads go to disk."""
        self._upload_bytes = int(settings.max_upload_mb * MEGABYTE) + _FORM_BYTES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        upload = scope["path"] == UPLOADS
        most = self._upload_bytes if upload else self._bytes
        too_large = Refused(413, f"the body is larger than {most:,} bytes")
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length) > most:
            await send_problem(too_large, scope, send)
            return
        until = time.monotonic() + (_UPLOAD_S if upload else _BODY_S)
        got, whole = 0, False

        async def receive_within() -> Message:
            nonlocal got, whole
            if whole:  # what comes now is only that the client has gone
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), max(0.0, until - time.monotonic()))
            except TimeoutError:
                raise Refused(408, "the body took too long to come") from None
            size = len(message.get("body", b""))
            if got + size > most:
                raise too_large
            if not upload and not self._all.has(size):
                raise Refused(429, "too much is asked at once", retry_after_s=_LATER_S)
            got += size
            whole = not message.get("more_body", False)
            if not upload:
                self._all.add(size)
            return message

        try:
            await self.app(scope, receive_within, send)
        finally:
            if not upload:
                self._all.give_back(got)
