"""A page of metrics in Prometheus' text format, as an agent beside a server gives it."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from running import running


class Metrics(ThreadingHTTPServer):
    daemon_threads = True
    text = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/metrics"


class _Handler(BaseHTTPRequestHandler):
    server: Metrics  # type: ignore[assignment]

    def do_GET(self) -> None:
        content = self.server.text.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def metrics_server(text: str) -> Iterator[Metrics]:
    """An agent that says so meanwhile."""
    server = Metrics(("127.0.0.1", 0), _Handler)
    server.text = text
    with running(server):
        yield server
