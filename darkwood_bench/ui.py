"""Dagster's UI with the trace pages beside it, on one port; and its daemon.

`dagster dev` gives the same UI without these pages. Everything else of it is used as it is: a code
server that UI and daemon share, the daemon for schedules, sensors and retries.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import uvicorn
import yaml
from dagster import DagsterInstance
from dagster._cli.proxy_server_manager import ProxyServerManager
from dagster._core.workspace.context import IWorkspaceProcessContext, WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster_webserver.webserver import DagsterWebserver
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute, Route

from darkwood_bench.settings import PROJECT, Settings
from darkwood_bench.trace import CellTables, cell_tables, find_answers, scored_cells, story_of
from darkwood_bench.trace.page import PREFIX, cell_page, message_page, story_page

WORKSPACE = PROJECT / "workspace.yaml"
DAEMON_STOPS_IN_S = 30


class Webserver(DagsterWebserver):
    """Dagster's, with the trace pages before its own routes."""

    def __init__(self, context: IWorkspaceProcessContext, settings: Settings) -> None:
        self._settings = settings
        super().__init__(context)

    def build_routes(self) -> list[BaseRoute]:
        return [*trace_routes(self._settings), *super().build_routes()]


def trace_routes(settings: Settings) -> list[BaseRoute]:
    """A partition's answers, one answer, and an answer by the beginning of its generation's id."""

    def nothing(message: str) -> HTMLResponse:
        return HTMLResponse(message_page("Nothing to trace", message), status_code=404)

    def cell(request: Request) -> CellTables | list[str]:
        names = request.path_params
        # Names are looked up among what is there, so that none can lead out of the folder.
        known = set(scored_cells(settings.tables))
        if (names["model"], names["variant"]) not in known:
            return ["validations"]
        return cell_tables(settings.tables, names["model"], names["variant"])

    def answers(request: Request) -> HTMLResponse:
        found = cell(request)
        if not isinstance(found, CellTables):
            return nothing(f"This partition has no {', '.join(found)} yet: materialize it first.")
        return HTMLResponse(cell_page(found, request.query_params.get("class")))

    def answer(request: Request) -> HTMLResponse:
        found = cell(request)
        task = request.path_params["task"]
        story = story_of(found, task) if isinstance(found, CellTables) else None
        if story is None:
            return nothing(f"{task} has no answer in this partition.")
        return HTMLResponse(story_page(story))

    def generation(request: Request) -> HTMLResponse:
        name = request.path_params["id"]
        cells = scored_cells(settings.tables)
        found = next(find_answers(settings.tables, cells, generation=name), None)
        tables = found and cell_tables(settings.tables, found.model, found.variant)
        if found is None or not isinstance(tables, CellTables):
            return nothing(f"No generation begins with {name}.")
        story = story_of(tables, found.task_id)
        return HTMLResponse(story_page(story)) if story else nothing("Its suite is not read now.")

    return [
        Route(f"{PREFIX}/generation/{{id}}", generation),
        Route(f"{PREFIX}/{{model}}/{{variant}}", answers),
        Route(f"{PREFIX}/{{model}}/{{variant}}/{{task:path}}", answer),
    ]


@contextmanager
def served(instance: DagsterInstance, settings: Settings, *, daemon: bool) -> Iterator[Starlette]:
    """The UI as an application, over a code server of its own; with `daemon`, that runs too."""
    with ExitStack() as stack:
        servers = stack.enter_context(
            ProxyServerManager(
                instance=instance,
                workspace_load_target=WorkspaceFileTarget([str(WORKSPACE)]),
                code_server_log_level="warning",
            )
        )
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="darkwood-ui-"))
        workspace = Path(folder) / "workspace.yaml"
        workspace.write_text(yaml.safe_dump({"load_from": servers.get_code_server_specs()}))
        if daemon:
            stack.enter_context(_daemon(workspace))
        context = stack.enter_context(
            WorkspaceProcessContext(instance, WorkspaceFileTarget([str(workspace)]))
        )
        yield Webserver(context, settings).create_asgi_app()


@contextmanager
def _daemon(workspace: Path) -> Iterator[None]:
    """Dagster's daemon, until the block ends."""
    command = [sys.executable, "-m", "dagster._daemon", "run", "--log-level", "warning"]
    # A group of its own: a terminal's Ctrl-C is for us, and we stop the daemon in good order.
    process = subprocess.Popen([*command, "-w", str(workspace)], start_new_session=True)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(DAEMON_STOPS_IN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def serve(instance: DagsterInstance, settings: Settings, host: str, port: int) -> None:
    """Serve until interrupted."""
    with served(instance, settings, daemon=True) as app:
        uvicorn.run(app, host=host, port=port, log_level="warning")
