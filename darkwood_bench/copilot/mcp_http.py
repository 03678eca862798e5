"""The tools over HTTP, at /mcp, behind the same guard and limits as every other request."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI
from mcp.server.transport_security import TransportSecuritySettings

from darkwood_bench.copilot.mcp_tools import mcp_server
from darkwood_bench.copilot.service import Copilot

PATH = "/mcp"


def add_mcp(app: FastAPI, copilot: Copilot) -> Callable[[], AbstractAsyncContextManager[None]]:
    """Serve the tools at PATH; what this returns must be open for as long as the app serves.

    Stateless: no session outlives its request, so none can be taken over or left behind.
    """
    server = mcp_server(copilot)
    # Hosts and origins are the guard's to check, which knows the server's names.
    checked = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    http = server.streamable_http_app(
        streamable_http_path=PATH,
        stateless_http=True,
        max_request_body_size=int(copilot.settings.max_body_mb * 1_000_000),
        transport_security=checked,
    )
    app.router.routes.extend(http.routes)
    return server.session_manager.run
