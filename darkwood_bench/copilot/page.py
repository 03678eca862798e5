"""The page for browsers."""

from fastapi import APIRouter

router = APIRouter(prefix="/page", include_in_schema=False)
"""The page's own files, below /page/, which need no token."""


def page() -> str:
    """The HTML that a browser is shown at /."""
    return (
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>Darkwood copilot</title>"
        "<h1>Darkwood copilot</h1><p>The interface: <a href='/docs'>/docs</a></p></html>"
    )
