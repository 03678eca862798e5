"""The page for browsers: one HTML file, its styles and scripts, served under a strict policy.

Nothing on it comes from elsewhere, nothing is inline, and no script can make markup of a text: what
a model, a file or a cell says is only ever shown.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request, Response

router = APIRouter(prefix="/page", include_in_schema=False)
"""The page's own files, below /page/, which need no token."""

STATIC = Path(__file__).parent / "static"
PAGE = "index.html"
PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
"""Content-Security-Policy of everything here."""
HEADERS = {  # besides those that every reply has
    "Content-Security-Policy": PAGE_POLICY,
    # Asked for again each time, and not sent again unless it has changed.
    "Cache-Control": "no-cache",
    "Vary": "Accept",
}
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True)
class StaticFile:
    """A file of the page, held in memory: no request names a path."""

    body: bytes
    media_type: str
    etag: str

    @classmethod
    def read(cls, path: Path) -> "StaticFile":
        body = path.read_bytes()
        digest = hashlib.sha256(body).hexdigest()[:32]
        return cls(body, MEDIA_TYPES[path.suffix], f'"{digest}"')

    def reply(self, request: Request) -> Response:
        """304 where the browser has it already."""
        headers = {**HEADERS, "ETag": self.etag}
        if request.headers.get("If-None-Match") == self.etag:
            return Response(status_code=304, headers=headers)
        return Response(self.body, headers=headers, media_type=self.media_type)


@lru_cache
def page_files() -> dict[str, StaticFile]:
    """The page and what it loads, by name."""
    return {path.name: StaticFile.read(path) for path in sorted(STATIC.iterdir())}


def page(request: Request) -> Response:
    """What a browser is shown at /."""
    return page_files()[PAGE].reply(request)


@router.get("/{name}")
async def static(name: str, request: Request) -> Response:
    """One of the page's own files."""
    file = page_files().get(name)
    if file is None or name == PAGE:
        raise HTTPException(404, "there is no such file")
    return file.reply(request)
