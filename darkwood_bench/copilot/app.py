"""The app: what is asked goes through context, guard and limits to a route."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from fastapi import FastAPI

from darkwood_bench.copilot import page
from darkwood_bench.copilot.context import RequestContext
from darkwood_bench.copilot.guard import Guard
from darkwood_bench.copilot.limits import BodyLimit
from darkwood_bench.copilot.logs import start_logging
from darkwood_bench.copilot.monitoring import Monitoring
from darkwood_bench.copilot.replies import handle_errors
from darkwood_bench.copilot.routes import chat, operations, query, report, uploads
from darkwood_bench.copilot.service import Copilot
from darkwood_bench.copilot.settings import CopilotSettings, SettingsError
from darkwood_bench.copilot.stopping import Stopping
from darkwood_bench.copilot.tracing import start_tracing
from darkwood_bench.settings import Settings, settings_from_env

ABOUT = (
    "Answers questions about tables with Polars code, and says whether the code was run. "
    "POST /chat is the hackathon's contract; POST /v1/query is the whole answer."
)


def create_app(settings: CopilotSettings, bench: Settings | None = None) -> FastAPI:
    """The service as an ASGI app; the model is loaded once a server has started it.

    `bench`: where the registries, the task bank and the leaderboard are; by default as the
    environment says. Raises SettingsError for settings that are not safe, RegistryError and
    VariantError for a model or variant that there is not.
    """
    settings.check()
    start_logging()
    start_tracing()
    monitoring, stopping = Monitoring(), Stopping()
    others: list[Callable[[], AbstractAsyncContextManager[None]]] = []
    copilot = Copilot(settings, bench or settings_from_env(), monitoring, stopping)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        stopping.on_signals()
        async with AsyncExitStack() as served:
            await served.enter_async_context(copilot)
            for other in others:
                await served.enter_async_context(other())
            yield

    app = FastAPI(
        title="Darkwood copilot",
        description=ABOUT,
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        # Its spans have paths and queries in them; ours have not (`tracing.py`).
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.copilot = copilot
    for routes in (chat, query, uploads, operations, page, report):
        app.include_router(routes.router)
    if settings.execute:
        app.include_router(query.execution)
    if settings.mcp:
        others.append(_mcp(app, copilot))
    handle_errors(app)
    # The last one added is the outermost.
    app.add_middleware(BodyLimit, settings=settings)
    app.add_middleware(Guard, settings=settings, stopping=stopping)
    app.add_middleware(RequestContext, monitoring=monitoring)
    return app


def _mcp(app: FastAPI, copilot: Copilot) -> Callable[[], AbstractAsyncContextManager[None]]:
    try:
        from darkwood_bench.copilot.mcp_http import add_mcp
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] not in ("mcp", "mcp_types"):
            raise
        raise SettingsError("mcp: wants the extra: pip install 'darkwood-bench[mcp]'") from error
    return add_mcp(app, copilot)
