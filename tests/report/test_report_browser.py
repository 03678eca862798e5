"""The report in a real browser: as files, under a sub-path and a strict content security policy."""

import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright", reason="the browser's driver is an extra of the tests")

from browsing import chromium
from documents import parse
from made_report import Made

from darkwood_bench.report.addresses import answer_link, answers_page, slug, system_page, task_page

POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
PHONE = {"width": 390, "height": 844}


class _Served(SimpleHTTPRequestHandler):
    """Files below /some/where/, with the policy that a careful server sends."""

    def do_GET(self) -> None:
        if not self.path.startswith("/some/where/"):
            self.send_error(404)
            return
        self.path = self.path.removeprefix("/some/where")
        super().do_GET()

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


class Watched:
    """A page of the browser, and all that it complained of or asked for."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(f"dialog {dialog.message}"))
        page.on("requestfailed", self._note_failure)
        page.on("request", lambda request: self.asked.append(request.url))

    def _note_failure(self, request: Any) -> None:
        # An icon that the next page overtakes is given up, and no failure.
        if "ERR_ABORTED" not in (request.failure or ""):
            self.complaints.append(f"failed {request.url}: {request.failure}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def watched(browser: Any) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield Watched(context.new_page())
    context.close()


def serve(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Served, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/some/where/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def served(made: Made) -> Iterator[str]:
    yield from serve(made.folder)


@pytest.fixture
def served_hostile(hostile: Made) -> Iterator[str]:
    yield from serve(hostile.folder)


def sample(made: Made) -> list[str]:
    """A page of every kind."""
    task = made.contents.tasks[0]
    answer = task.answers[0]
    return [
        *(path.name for path in made.folder.glob("*.html")),
        *(str(path.relative_to(made.folder)) for path in made.folder.glob("prompts/*.html")),
        system_page(answer.model, answer.variant),
        task_page(task.row["task_id"]),
        answers_page(task.row["task_id"], answer.model),
    ]


@pytest.mark.parametrize("which", ["made", "hostile"])
def test_pages_run_under_a_strict_policy_without_a_complaint_or_an_outside_request(
    which: str, watched: Watched, request: pytest.FixtureRequest
) -> None:
    made: Made = request.getfixturevalue(which)
    address: str = request.getfixturevalue("served" if which == "made" else "served_hostile")
    for path in sample(made):
        watched.page.goto(address + path)
        assert "owned" not in watched.page.title()
        assert watched.page.evaluate("document.images.length") == 0
    assert watched.complaints == []
    assert {url for url in watched.asked if not url.startswith(address)} == set()


def test_pages_work_as_files(made: Made, watched: Watched) -> None:
    for path in sample(made):
        watched.page.goto((made.folder / path).as_uri())
    watched.page.goto((made.folder / "tasks.html").as_uri())
    watched.page.get_by_label("Search").fill("task-7")
    assert watched.page.locator("#tasks tbody tr:visible").count() == 1
    assert watched.complaints == []
    assert all(url.startswith("file:") for url in watched.asked)


def cells(page: Any, column: int) -> list[str]:
    rows = page.locator("table.board tbody tr").all()
    return [row.locator("th,td").nth(column).get_attribute("data-value") for row in rows]


def test_columns_sort_both_ways_by_pointer_and_by_key(watched: Watched, served: str) -> None:
    page = watched.page
    page.goto(served + "index.html")
    before = [float(value) for value in cells(page, 5)]
    head = page.locator("table.board thead th").nth(5)
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert [float(value) for value in cells(page, 5)] == sorted(before, reverse=True)
    head.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert [float(value) for value in cells(page, 5)] == sorted(before)
    assert page.locator("table.board thead th[aria-sort]").count() == 1
    assert watched.complaints == []


def test_search_narrows_the_tasks_says_how_many_and_is_in_the_address(
    watched: Watched, served: str, made: Made
) -> None:
    page = watched.page
    page.goto(served + "tasks.html")
    page.keyboard.press("/")
    page.keyboard.type("suite-1/ task")
    wanted = [task for task in made.contents.tasks if task.row["suite"] == "suite-1"]
    assert page.locator("#tasks tbody tr:visible").count() == len(wanted)
    assert page.locator("output").inner_text() == f"{len(wanted)} of {len(made.contents.tasks)}"
    assert "q=suite-1" in page.url
    page.reload()
    assert page.locator("#tasks tbody tr:visible").count() == len(wanted)
    page.goto(served + "tasks.html?category=joins")
    shown = page.locator("#tasks tbody tr:visible")
    assert {shown.nth(n).get_attribute("data-category") for n in range(shown.count())} == {"joins"}
    assert watched.complaints == []


def test_a_failure_count_leads_to_just_those_answers(watched: Watched, served: str) -> None:
    page = watched.page
    page.goto(served + "failures.html")
    link = page.locator("table.sortable td a").first
    count = int(link.inner_text())
    link.click()
    page.wait_for_load_state()
    assert page.locator("#answers-table tbody tr:visible").count() == count


def test_a_deep_link_shows_that_answer(watched: Watched, served: str, made: Made) -> None:
    task = made.contents.tasks[0]
    answer = [one for one in task.answers if one.model == "model-1"][-1]
    page = watched.page
    page.goto(served + answer_link(task.row["task_id"], answer.model, answer.variant))
    article = page.locator(f"#{slug(answer.variant)}")
    page.wait_for_function(
        "id => document.getElementById(id).getBoundingClientRect().top < 400",
        arg=slug(answer.variant),
    )
    assert article.locator(".code pre").first.inner_text().strip().startswith("result = (")
    article.get_by_text(re.compile("^Prompt, ")).click()
    assert article.get_by_text("You write Polars code.").first.is_visible()
    assert watched.complaints == []


def test_every_page_fits_a_phone_without_sideways_scrolling(
    browser: Any, served_hostile: str, hostile: Made
) -> None:
    context = browser.new_context(viewport=PHONE, is_mobile=True)
    page = context.new_page()
    for path in sample(hostile):
        page.goto(served_hostile + path)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
    context.close()


def test_the_theme_follows_the_system_until_the_reader_chooses_and_then_stays(
    browser: Any, served: str
) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    colour = "getComputedStyle(document.body).backgroundColor"
    page.goto(served + "index.html")
    dark = page.evaluate(colour)
    page.get_by_role("button", name="Switch to the light theme").click()
    light = page.evaluate(colour)
    assert dark != light == "rgb(255, 255, 255)"
    page.goto(served + "cost.html")
    assert page.evaluate(colour) == light
    context.close()


def test_the_keyboard_reaches_content_first_and_every_stop_can_be_seen(
    watched: Watched, served: str
) -> None:
    page = watched.page
    page.goto(served + "index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.goto("about:blank")
    page.goto(served + "index.html")
    for _ in range(25):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            "(() => { const at = document.activeElement;"
            " const style = getComputedStyle(at.querySelector('circle') || at);"
            " return style.outlineStyle !== 'none' || style.strokeWidth === '4px'; })()"
        )
        assert seen, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")


def test_without_scripts_everything_can_be_read(browser: Any, served: str, made: Made) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(served + "tasks.html")
    assert page.locator("#tasks tbody tr").count() == len(made.contents.tasks)
    assert not page.locator("form.filter").is_visible()
    assert not page.locator("#theme").is_visible()
    assert parse(page.content()).text
    context.close()
