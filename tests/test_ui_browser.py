"""The UI in a real browser: from its first page to a score, by somebody who only clicks."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

pytest.importorskip("playwright", reason="the browser's driver is an extra of the tests")

from browsing import chromium
from free_port import free_port
from playwright.sync_api import Browser, Locator, Page, expect

from darkwood_bench.partitions import GRID, cell_of
from darkwood_bench.settings import PROJECT

STARTS_S = 120
PATIENCE_MS = 120_000
STOPS_S = 60
FEWER_THAN = 10
"""Clicks, from the first page to the score in a partition's metadata."""
UNCHOSEN = "Select a partition or create one"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`make ui` over the tests' own bank, with the project's own settings of the instance."""
    home = tmp_path_factory.mktemp("home")
    shutil.copy(PROJECT / "dagster_home" / "dagster.yaml", home)
    port = free_port()
    command = [sys.executable, "-m", "darkwood_bench", "ui", "--port", str(port)]
    variables = {**os.environ, "DAGSTER_HOME": str(home), "PYTHONPATH": str(PROJECT)}
    log = home / "ui.log"
    with log.open("wb") as said:
        process = subprocess.Popen(command, env=variables, stdout=said, stderr=said)
    try:
        wait_until_served(f"http://127.0.0.1:{port}", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(STOPS_S)


def wait_until_served(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + STARTS_S
    while True:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        try:
            urlopen(f"{url}/server_info", timeout=5).close()
            return
        except (URLError, TimeoutError, ConnectionError):
            time.sleep(0.3)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


class Clicker:
    """A person who has a mouse and counts."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0

    def click(self, what: Locator) -> None:
        what.click()
        self.clicks += 1

    def choose(self, name: str) -> None:
        """A name in the first list of the dialog in which nothing is chosen yet."""
        self.click(self.page.get_by_role("dialog").get_by_text(UNCHOSEN).first)
        offered = self.page.get_by_text(name, exact=True).locator("visible=true")
        self.click(offered.first)
        self.page.keyboard.press("Escape")
        expect(offered).to_have_count(1)  # the list is shut, and the name stands in its field

    def open_launch(self, url: str) -> None:
        """From the UI's first page to the dialog that asks for partitions."""
        self.page.goto(url)
        self.click(self.page.locator('a[href="/asset-groups"]').first)
        self.click(self.page.get_by_role("button", name=re.compile("^.*Materialize all")).first)
        expect(self.page.get_by_role("dialog").get_by_text(UNCHOSEN).first).to_be_visible()


@pytest.fixture
def person(browser: Browser) -> Iterator[Clicker]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    yield Clicker(context.new_page())
    context.close()


def test_one_cell_is_launched_watched_and_its_score_read_in_under_ten_clicks(
    person: Clicker, url: str
) -> None:
    page = person.page
    person.open_launch(url)
    person.choose("script")
    person.choose("schema")
    person.click(page.get_by_role("button", name="Launch 1 run"))
    person.click(page.get_by_text(re.compile("^View( run)?$")).locator("visible=true").last)
    expect(page).to_have_url(re.compile("/runs/[0-9a-f]{8}"))
    expect(page.get_by_text("Success", exact=True)).to_be_visible()
    page.get_by_placeholder("Filter…").fill("scores")  # the log shows what is near its end
    person.click(page.locator('a[href^="/assets/scores?"][href*="asOf"]').last)
    for figure in ("accuracy", "score", "n_tasks", "trace"):
        expect(page.locator("td").get_by_text(figure, exact=True).first).to_be_visible()
    assert person.clicks < FEWER_THAN

    # One click to the answers, one to the story of an answer.
    answers = page.locator('a[href*="/trace/script/schema"]').first.get_attribute("href")
    page.goto(f"{url}{answers}")
    expect(page.locator("body")).to_contain_text("answers are correct")
    page.locator('a[href*="/trace/script/schema/"]').first.click()
    expect(page.locator("body")).to_contain_text("Executions")


def test_a_row_and_the_whole_grid_are_a_click_on_all(person: Clicker, url: str) -> None:
    every_cell = [cell_of(key) for key in GRID.get_partition_keys()]
    of_script = [cell for cell in every_cell if cell.model == "script"]
    person.open_launch(url)
    dialog = person.page.get_by_role("dialog")
    person.choose("script")
    every = dialog.get_by_role("button", name="All", exact=True)
    person.click(every.nth(1))
    expect(dialog).to_contain_text(f"{len(of_script)} partitions")
    person.click(every.nth(0))
    expect(dialog).to_contain_text(f"{len(every_cell)} partitions")
    expect(dialog.get_by_role("button", name=re.compile("^Launch"))).to_be_enabled()
    assert person.clicks < FEWER_THAN
