"""Without a token, no start where other machines could ask: for servers that others start."""

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from darkwood_bench.copilot.settings import CopilotSettings, is_loopback, without_token


class TokenOrLoopback:
    """ASGI app around the service that fails at its start where uvicorn is about to bind to an
    address of others' and there is no token.

    Of another server's address, or of a socket that was handed over, nothing is known before the
    first request: there the guard answers 403.
    """

    def __init__(self, app: ASGIApp, settings: CopilotSettings) -> None:
        self.app = app
        self._has_token = bool(settings.tokens)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" and not self._has_token:
            host = _bound_to(receive)
            if host is not None and not is_loopback(host):
                await receive()
                await send({"type": "lifespan.startup.failed", "message": without_token(host)})
                return
        await self.app(scope, receive, send)


def _bound_to(receive: Receive) -> str | None:
    """The address that uvicorn will bind to. ASGI does not say; the object of its method does."""
    config = getattr(getattr(receive, "__self__", None), "config", None)
    if not isinstance(config, uvicorn.Config) or config.uds is not None or config.fd is not None:
        return None
    return config.host
