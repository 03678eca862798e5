"""A small hub: the addresses that clients of the Hugging Face hub ask, of one repository."""

import hashlib
import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from running import running

COMMIT = "0123456789012345678901234567890123456789"
LARGE = (".gguf", ".safetensors", ".bin")
"""What the hub keeps as large files, whose SHA-256 it tells."""
PIECE = 1 << 16


class Hub(ThreadingHTTPServer):
    """Serves `me/model`."""

    daemon_threads = True

    def __init__(self, files: Mapping[str, bytes | Path]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = {
            name: content if isinstance(content, bytes) else content.read_bytes()
            for name, content in files.items()
        }
        self.sent: list[tuple[str, int]] = []
        """Each download that began: the file, and from which byte on."""
        self.pause_s = 0.0
        """Rest after each piece of 64 KiB."""
        self.cuts = 0
        """How many downloads from now on break off half-way through what is left."""
        self.knows_ranges = True

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def etag(self, name: str) -> str:
        if name.endswith(LARGE):
            return hashlib.sha256(self.files[name]).hexdigest()
        content = self.files[name]
        return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()

    def info(self) -> dict[str, Any]:
        siblings = [
            {"rfilename": name, "size": len(content), "blobId": self.etag(name)}
            | ({"lfs": {"sha256": self.etag(name), "size": len(content), "pointerSize": 130}})
            if name.endswith(LARGE)
            else {"rfilename": name, "size": len(content), "blobId": self.etag(name)}
            for name, content in self.files.items()
        ]
        card = {"license": "apache-2.0"}
        return {"id": "me/model", "sha": COMMIT, "siblings": siblings, "cardData": card}


@contextmanager
def hub_server(files: Mapping[str, bytes | Path]) -> Iterator[Hub]:
    """A hub that runs meanwhile."""
    with running(Hub(files)) as server:
        yield server


class _Handler(BaseHTTPRequestHandler):
    server: Hub  # type: ignore[assignment]

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        if self.path.startswith("/api/models/me/model"):
            return self._json(self.server.info())
        name = self.path.rpartition("/")[2]
        if not self.path.startswith("/me/model/resolve/") or name not in self.server.files:
            return self.send_error(404)
        return self._file(name, body=body)

    def _json(self, value: Any) -> None:
        content = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _file(self, name: str, *, body: bool) -> None:
        content = self.server.files[name]
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        first = int(asked[1]) if asked and self.server.knows_ranges else 0
        self.send_response(206 if asked and self.server.knows_ranges else 200)
        if asked and self.server.knows_ranges:
            self.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - first))
        self.send_header("ETag", f'"{self.server.etag(name)}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if not body:
            return
        self.server.sent.append((name, first))
        last = len(content)
        if self.server.cuts:
            self.server.cuts -= 1
            last = (first + len(content)) // 2
            self.close_connection = True
        for at in range(first, last, PIECE):
            try:
                self.wfile.write(content[at : min(at + PIECE, last)])
            except OSError:
                return  # the client is gone
            time.sleep(self.server.pause_s)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
