"""The service on a port of its own, for clients that are no test client."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import uvicorn

from darkwood_bench.copilot.app import create_app
from darkwood_bench.copilot.serving import server_config
from darkwood_bench.copilot.settings import CopilotSettings
from darkwood_bench.settings import Settings, settings_from_env

REGISTRY = """
models:
  script:
    title: Scripted answers
    default: true
    backend: scripted
    file: answers.yaml
    sources: [{local: answers.yaml}]
"""
_STARTS_S = 60.0


def scripted(folder: Path, answers: str) -> Settings:
    """A bench whose only model, `script`, gives these answers."""
    (folder / "answers.yaml").write_text(answers)
    registry = folder / "models.yaml"
    registry.write_text(REGISTRY)
    return replace(settings_from_env(), models=(registry,), cache=folder / "cache")


@contextmanager
def serving(folder: Path, answers: str, **settings: Any) -> Iterator[str]:
    """The address of a service with these answers, while it runs."""
    asked = CopilotSettings(model="script", variant="terse_twelve", **settings)
    with running(asked, scripted(folder, answers)) as address:
        yield address


@contextmanager
def running(settings: CopilotSettings, bench: Settings) -> Iterator[str]:
    """The address of a service, once it answers, while it runs."""
    app = create_app(settings, bench)
    listening = socket.create_server((settings.host, 0))
    server = uvicorn.Server(server_config(app, replace(settings, stop_s=5)))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        end = time.monotonic() + _STARTS_S
        while not server.started and thread.is_alive() and time.monotonic() < end:
            time.sleep(0.02)
        if not server.started:
            raise RuntimeError("the service did not start")
        yield f"http://{settings.host}:{listening.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join()
