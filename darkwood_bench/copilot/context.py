"""Around every request: its id, its log line, its metrics, safe headers, and no traceback."""

import asyncio
import logging
import re
import secrets
import time
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from darkwood_bench.copilot.errors import ClientGone
from darkwood_bench.copilot.logs import LOGGER, NOTED, REQUEST_ID, log
from darkwood_bench.copilot.monitoring import Monitoring
from darkwood_bench.copilot.replies import problem
from darkwood_bench.copilot.tracing import describe, request_span

_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_GONE = 499
"""As nginx calls it: nobody was there to be answered."""
SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}


class RequestContext:
    """ASGI middleware, the outermost."""

    def __init__(self, app: ASGIApp, monitoring: Monitoring) -> None:
        self.app = app
        self._monitoring = monitoring

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(scope)
        token = REQUEST_ID.set(request_id)
        noted: dict[str, Any] = {}
        noting = NOTED.set(noted)
        started, status = time.perf_counter(), 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = request_id
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                if status == 503:
                    headers["connection"] = "close"
            await send(message)

        try:
            with request_span(scope["method"], Headers(scope=scope)) as span:
                await self.app(scope, receive, send_with_headers)
                span.update_name(f"{scope['method']} {_route(scope)}")
                describe(span, status=status, request_id=request_id)
        except (ClientGone, asyncio.CancelledError) as error:
            status = status or _GONE
            if isinstance(error, asyncio.CancelledError):
                raise
        except Exception as error:
            LOGGER.error("failed", exc_info=error, extra={"fields": {"path": _route(scope)}})
            if status:  # part of the answer is out: there is nothing left but to break off
                raise
            await problem(500, "the server failed; its log says why")(
                scope, receive, send_with_headers
            )
        finally:
            seconds = time.perf_counter() - started
            route = _route(scope)
            self._monitoring.requested(route, scope["method"], status, seconds)
            level = logging.DEBUG if route in ("/healthz", "/readyz", "/metrics") else logging.INFO
            log(
                "request",
                level=level,
                method=scope["method"],
                route=route,
                status=status,
                seconds=round(seconds, 4),
                **noted,
            )
            NOTED.reset(noting)
            REQUEST_ID.reset(token)


def _request_id(scope: Scope) -> str:
    """The client's, where it is one that a log can hold; else one of our own."""
    given = Headers(scope=scope).get("x-request-id", "")
    return given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(8)


def _route(scope: Scope) -> str:
    """The pattern of the path rather than the path, which may have an upload's id in it."""
    route: Any = scope.get("route")
    return getattr(route, "path", None) or "(none)"
