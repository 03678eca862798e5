"""The app in a server of its own."""

from collections.abc import Callable

import uvicorn

from darkwood_bench.copilot.app import create_app
from darkwood_bench.copilot.logs import start_logging
from darkwood_bench.copilot.settings import CopilotSettings

BACKLOG = 512
_KEEP_ALIVE_S = 30
_CONNECTIONS = 2_000
"""Open at once; each further one is answered 503 before it has asked anything."""


def serve(settings: CopilotSettings, say: Callable[[str], None]) -> str | None:
    """Serve until the process is told to stop; what was wrong, if it stopped by itself.

    Raises as `create_app` does.
    """
    app = create_app(settings)
    copilot = app.state.copilot
    start_logging("uvicorn", "uvicorn.error")
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        backlog=BACKLOG,
        limit_concurrency=_CONNECTIONS,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=max(1, int(settings.stop_s)),
    )
    server = uvicorn.Server(config)
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
