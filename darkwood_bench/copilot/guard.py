"""Who may ask: the host that is asked for, the page that asks, and the bearer token."""

import hashlib
import hmac
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from darkwood_bench.copilot.errors import Refused, stopping
from darkwood_bench.copilot.replies import send_problem
from darkwood_bench.copilot.settings import CopilotSettings, is_loopback
from darkwood_bench.copilot.stopping import Stopping

OPEN = {"/", "/healthz", "/readyz", "/docs", "/docs/style.css", "/openapi.json"}
"""Paths that no token is needed for: they show nothing but whether the server is there, and what
its interface is."""
OPEN_PREFIX = "/page/"
"""The page's own files: it has to be there before a token can be typed into it."""
WHILE_STOPPING = {"/healthz", "/readyz", "/metrics"}


class Guard:
    """ASGI middleware that lets through what may be asked, and leaves `scope["owner"]`: which of
    the tokens asked, "" without tokens."""

    def __init__(self, app: ASGIApp, settings: CopilotSettings, stopping: Stopping) -> None:
        self.app = app
        self._digests = [_digest(token) for token in settings.tokens]
        self._hosts = {host.lower() for host in settings.allow_host}
        self._stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            try:
                scope["owner"] = self._admit(scope)
            except Refused as error:
                await send_problem(error, scope, send)
                return
        await self.app(scope, receive, send)

    def _admit(self, scope: Scope) -> str:
        headers, path = Headers(scope=scope), scope["path"]
        self._check_place(scope)
        host = headers.get("host", "")
        self._check_host(host)
        _check_origin(headers, host, scope["method"])
        if self._stopping.begun and path not in WHILE_STOPPING:
            raise stopping()
        if not self._digests or _is_open(path, scope["method"]):
            return ""
        return _owner(headers.get("authorization", ""), self._digests)

    def _check_place(self, scope: Scope) -> None:
        """Without a token, only what comes by way of this machine's own address is answered."""
        server = scope.get("server")
        if self._digests or server is None or server[1] is None:  # a Unix socket has no port
            return
        if not is_loopback(server[0]):
            raise Refused(403, "this server has no token, and so answers only on 127.0.0.1")

    def _check_host(self, host: str) -> None:
        """A page elsewhere can have its own name lead to this machine (DNS rebinding); the name
        that it asked for is then still its own."""
        name = _host_name(host)
        if name in self._hosts or (self._digests and not self._hosts):
            return
        if not is_loopback(name):
            raise Refused(421, "this server does not go by that name")


def _check_origin(headers: Headers, host: str, method: str) -> None:
    """Pages of other sites may link here, and ask for nothing."""
    if method in ("GET", "HEAD", "OPTIONS"):
        return
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
        raise Refused(403, "pages of other sites may not ask this server")
    if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        raise Refused(403, "pages of other sites may not ask this server")


def _host_name(host: str) -> str:
    """The name in a Host header, without its port."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _is_open(path: str, method: str) -> bool:
    return method in ("GET", "HEAD") and (path in OPEN or path.startswith(OPEN_PREFIX))


def _owner(authorization: str, digests: Sequence[bytes]) -> str:
    """Which token a header has. Raises Refused for none of them.

    Digests of one length are compared, all of them and each in constant time.
    """
    scheme, _, token = authorization.partition(" ")
    given = _digest(token.strip())
    found = [digest for digest in digests if hmac.compare_digest(given, digest)]
    if scheme.lower() != "bearer" or not found:
        error = Refused(401, "a bearer token is needed: Authorization: Bearer …")
        error.headers = {"WWW-Authenticate": "Bearer"}
        raise error
    return found[0].hex()[:16]


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
