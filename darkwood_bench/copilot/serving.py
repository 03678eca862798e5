"""The app in a server of its own."""

from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from darkwood_bench.copilot.app import create_app
from darkwood_bench.copilot.connections import Connection, most_connections
from darkwood_bench.copilot.logs import start_logging
from darkwood_bench.copilot.settings import CopilotSettings

BACKLOG = 512
_KEEP_ALIVE_S = 30


def serve(settings: CopilotSettings, say: Callable[[str], None]) -> str | None:
    """Serve until the process is told to stop; what was wrong, if it stopped by itself.

    Raises as `create_app` does.
    """
    app = create_app(settings)
    copilot = app.state.copilot
    start_logging("uvicorn", "uvicorn.error")
    server = uvicorn.Server(server_config(app, settings))
    failures: list[str] = []

    def failed(reason: str) -> None:
        failures.append(reason)
        server.should_exit = True

    copilot.on_failure = failed
    system = f"{copilot.system.model} {copilot.system.variant.name}"
    say(f"{system} on http://{settings.host}:{settings.port}, its interface at /docs")
    server.run()
    if failures:
        return failures[0]
    return None if server.started else "the server did not start; the log above says why"


def server_config(app: FastAPI, settings: CopilotSettings) -> uvicorn.Config:
    """How the app is served. Requests over too many connections are answered 503."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=Connection,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        backlog=BACKLOG,
        limit_concurrency=most_connections(),
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=max(1, int(settings.stop_s)),
    )
