"""A small HTTP server that replies as it is told, for what a real one seldom does."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from running import running

USAGE = {"prompt_tokens": 7, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 3}}


@dataclass(frozen=True)
class Reply:
    """One reply: an answer in two chunks, or whatever else is given."""

    status: int = 200
    body: Any = None
    """JSON, or text as it is; None is an answer, streamed where that is asked for."""
    headers: Mapping[str, str] = field(default_factory=dict)
    usage: Mapping[str, Any] | None = field(default_factory=lambda: USAGE)
    finish: str | None = "stop"
    delay_s: float = 0.0
    """Before anything is sent."""
    breaks_off: bool = False
    """Whether the connection is cut after the first chunk."""


class ChatServer(ThreadingHTTPServer):
    """Gives the replies in turn, and the last of them ever after."""

    def __init__(self, replies: list[Reply], port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.replies = replies
        self.requests: list[dict[str, Any]] = []
        """The bodies that came, in order."""
        self.keys: list[str | None] = []
        self.paths: list[str] = []
        self.together: threading.Barrier | None = None
        """Where given, no reply is sent until so many requests are in flight."""
        self.turn = threading.Lock()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def next_reply(self) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


@contextmanager
def chat_server(*replies: Reply, port: int = 0) -> Iterator[ChatServer]:
    """A server that runs meanwhile; without replies each one is an answer."""
    with running(ChatServer(list(replies) or [Reply()], port)) as server:
        yield server


class _Handler(BaseHTTPRequestHandler):
    server: ChatServer  # type: ignore[assignment]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.turn:
            self.server.requests.append(body)
            self.server.keys.append(self.headers.get("Authorization"))
            self.server.paths.append(self.path)
            reply = self.server.next_reply()
        if self.server.together is not None:
            self.server.together.wait(20)
        threading.Event().wait(reply.delay_s)  # time.sleep is what tests of waiting replace
        content = self._content(reply, streamed=bool(body.get("stream")))
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 3] if reply.breaks_off else content)
        self.close_connection = reply.breaks_off

    def do_GET(self) -> None:
        with self.server.turn:
            self.server.keys.append(self.headers.get("Authorization"))
            content = json.dumps(self.server.next_reply().body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _content(self, reply: Reply, *, streamed: bool) -> bytes:
        if reply.body is not None:
            text = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
            return text.encode()
        if not streamed:
            choice = {"message": {"content": "result = 1"}, "finish_reason": reply.finish}
            return json.dumps({"choices": [choice], "usage": reply.usage}).encode()
        chunks: list[dict[str, Any]] = [
            {"choices": [{"delta": {"role": "assistant", "content": None}}]},
            {"choices": [{"delta": {"content": "result"}}]},
            {"choices": [{"delta": {"content": " = 1"}, "finish_reason": reply.finish}]},
        ]
        if reply.usage is not None:
            chunks.append({"choices": [], "usage": reply.usage})
        events = [": a comment keeps it open", *(f"data: {json.dumps(chunk)}" for chunk in chunks)]
        return "\n\n".join([*events, "data: [DONE]", ""]).encode()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
