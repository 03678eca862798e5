"""`darkwood ui`: Dagster's UI, with a page for each answer."""

import os
import socket
from typing import Annotated

import typer

from darkwood_bench.commands.terminal import err, fail
from darkwood_bench.settings import settings_from_env


def ui(
    port: Annotated[int, typer.Option("--port", "-p", help="Where the UI listens.")] = 3000,
    host: Annotated[
        str, typer.Option(help="The address that it listens on; 0.0.0.0 lets others in.")
    ] = "127.0.0.1",
) -> None:
    """Open the Dagster UI: launch partitions, watch them, read scores, trace them to their answers.

    It is Dagster's own, with its daemon, and with a page for each answer under /trace. Example:

      darkwood ui --port 3000
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            fail(f"{host}:{port}: {error.strerror}; choose another with --port")
    # Dagster's notes to its early users, in the processes that it starts.
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    from darkwood_bench.launch import open_instance
    from darkwood_bench.resources import Bench
    from darkwood_bench.ui import serve

    settings = settings_from_env()
    with open_instance(Bench(settings)) as instance:
        err.print(f"the UI opens on http://{host}:{port} in some seconds; Ctrl-C ends it")
        serve(instance, settings, host, port)
