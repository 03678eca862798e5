"""A headless Chromium, and what the tests of the page do in it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect, sync_playwright

FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
CSV = "city,total,day\nOslo,3.5,2024-01-01\nBergen,4,2024-01-02\nOslo,1.5,2024-01-03\n"


def chromium_path() -> str | None:
    """Where the machine's own Chromium is; playwright's is not downloaded for a test."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Skips the test where there is none."""
    path = chromium_path()
    if path is None:
        pytest.skip("no Chromium on this machine (Debian: chromium)")
    # Its own sandbox does not work for root.
    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visit:
    """An open page, and all that it asked for and complained of."""

    page: Page
    url: str
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def upload(self, name: str = "orders.csv", contents: str | bytes = CSV) -> None:
        data = contents.encode() if isinstance(contents, str) else contents
        file: FilePayload = {"name": name, "mimeType": "", "buffer": data}
        before = self.page.locator(".table").count()
        self.page.set_input_files("#files", [file])
        expect(self.page.locator(".table")).to_have_count(before + 1)
        expect(self.page.locator(".table.uploading")).to_have_count(0)

    def ask(self, question: str, patience_s: float = 60) -> None:
        """By keyboard, and wait for its end."""
        self.page.get_by_label("Question", exact=True).fill(question)
        self.page.keyboard.press("Enter")
        answer = self.page.locator("article:not(.asking) h2", has_text=question)
        expect(answer).to_be_visible(timeout=patience_s * 1000)

    def violations(self) -> list[str]:
        """What axe finds against WCAG 2.2 A and AA, and its own best practices."""
        source = (files("axe_playwright_python") / "axe.min.js").read_text()
        self.page.evaluate(source)
        found: dict[str, Any] = self.page.evaluate("axe.run()")
        return [
            f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]

    def shot(self, name: str) -> None:
        """A picture, for a person to look at, where DARKWOOD_SHOTS names a folder."""
        if folder := os.environ.get("DARKWOOD_SHOTS"):
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@contextmanager
def visit(browser: Browser, url: str, **options: Any) -> Iterator[Visit]:
    """The page in a context of its own; fails where it asked elsewhere or complained."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
    page = context.new_page()
    found = Visit(page, url)
    page.on("request", lambda request: found.asked.append(request.url))
    page.on("pageerror", lambda error: found.complaints.append(str(error)))
    page.on("dialog", lambda dialog: found.complaints.append(f"dialog: {dialog.message}"))
    page.on("console", lambda said: _note(found, said.type, said.text))
    try:
        page.goto(url)
        yield found
    finally:
        context.close()
    outside = [asked for asked in found.asked if not asked.startswith((url, "blob:"))]
    assert outside == []
    assert found.complaints == []


def _note(found: Visit, kind: str, text: str) -> None:
    # The browser's own line for a reply of 401, 415 or 503, which the page shows.
    if kind in ("error", "warning") and "Failed to load resource" not in text:
        found.complaints.append(text)
