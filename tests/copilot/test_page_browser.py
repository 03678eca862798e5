"""The page in a real browser, over the real service with a scripted model."""

import re
import time
from collections.abc import Callable, Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from urllib.request import urlopen

import polars as pl
import pytest

pytest.importorskip("playwright", reason="the browser's driver is an extra of the tests")

from browsing import CSV, chromium, visit
from page_service import serving
from playwright.sync_api import Browser, FilePayload, expect

LIGHT_AND_DARK = ("light", "dark")
HOSTILE = "<img src=x onerror=alert(1)>"
ANSWERS = r"""
answers:
  - match: spent in each city
    text: result = orders.group_by("city").agg(pl.col("total").sum()).sort("city")
  - match: total of each day
    text: result = orders.select("day", "total").sort("day")
  - match: misspelt
    text: result = orders.filter(pl.col("nothing_like_this") == "Oslo")
  - match: hostile code
    text: |
      # <script>alert("code")</script>
      result = orders.select(pl.lit("<b onclick=alert(2)>bold</b>").alias("<i>markup</i>"), "city")
  - match: many rows
    text: 'result = pl.DataFrame({"n": range(1000)})'
  - match: slow one
    text: result = orders
    delay_s: 60
  # Whatever is asked about an answer that failed.
  - text: result = orders.filter(pl.col("nothing_like_this") == "Oslo")
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("served"), ANSWERS) as address:
        yield address


def test_a_file_is_asked_about_and_the_answer_is_whole(browser: Browser, url: str) -> None:
    with visit(browser, url) as seen:
        page = seen.page
        expect(page.locator("#service")).to_have_attribute("data-state", "ready")
        seen.upload()
        expect(page.locator(".table")).to_contain_text("3 rows")
        expect(page.locator(".schema")).to_contain_text("Float64")
        seen.ask("How much was spent in each city?")
        expect(page.locator(".card .badge")).to_have_text("✓Verified on your data")
        cells = page.locator(".result tbody td").all_inner_texts()
        assert cells == ["Bergen", "4", "Oslo", "5"]
        assert page.locator(".result thead .column").all_inner_texts() == ["city", "total"]
        chart = page.get_by_role("img", name=re.compile("total by city"))
        expect(chart).to_be_visible()
        assert "lowest 4 (Bergen), highest 5 (Oslo)" in (chart.text_content() or "")
        expect(page.locator(".code code")).to_contain_text('orders.group_by("city")')
        assert page.locator(".code .string").first.inner_text() == '"city"'
        figures = page.locator(".figures")
        for name in ("Answered in", "The code took", "Memory", "Isolation", "Model"):
            expect(figures).to_contain_text(name)
        assert re.search(r"L[0-3]", figures.inner_text())
        expect(page.locator("#announce")).to_contain_text("Verified on your data. 2 rows.")


def test_a_parquet_file_is_asked_about(browser: Browser, url: str) -> None:
    frame = pl.DataFrame(
        {"city": ["Oslo", "Bergen"], "total": [5, 4], "day": [date(2024, 1, 1), None]}
    )
    frame.write_parquet(buffer := BytesIO())
    with visit(browser, url) as seen:
        page = seen.page
        seen.upload("Orders.parquet", buffer.getvalue())
        expect(page.locator(".table")).to_contain_text("2 rows")
        expect(page.locator(".schema")).to_contain_text("Date")
        seen.ask("How much was spent in each city?")
        expect(page.locator(".card .badge")).to_have_text("✓Verified on your data")
        cells = page.locator(".result tbody td").all_inner_texts()
        assert cells == ["Bergen", "4", "Oslo", "5"]


def test_code_is_copied_as_it_is(browser: Browser, url: str) -> None:
    with visit(browser, url, permissions=["clipboard-read", "clipboard-write"]) as seen:
        seen.upload()
        seen.ask("hostile code")
        seen.page.get_by_role("button", name="Copy the code").click()
        expect(seen.page.locator(".copy")).to_have_text("Copied")
        copied = seen.page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith('# <script>alert("code")</script>\nresult = orders.select(')


def test_a_failed_answer_says_why_and_where(browser: Browser, url: str) -> None:
    with visit(browser, url) as seen:
        page = seen.page
        seen.upload()
        seen.ask("Something misspelt")
        expect(page.locator(".card .badge")).to_have_text("✕Not verified")
        expect(page.locator(".why")).to_contain_text("column that is not there")
        expect(page.locator(".why")).to_contain_text("nothing_like_this")
        expect(page.locator(".code .line.failed").first).to_contain_text("nothing_like_this")
        expect(page.locator(".result")).to_have_count(0)
        seen.shot("failed")


def test_columns_without_data_are_checked_on_empty_tables(browser: Browser, url: str) -> None:
    with visit(browser, url) as seen:
        page = seen.page
        page.get_by_role("button", name="Type columns").click()
        page.get_by_label("Table name", exact=True).fill("orders")
        page.get_by_label("Columns, one a line").fill("city: String\nnonsense")
        page.get_by_role("button", name="Add table").click()
        expect(page.locator("#describe-error")).to_contain_text("nonsense")
        page.get_by_label("Columns, one a line").fill("city: String\ntotal: Float64")
        page.get_by_role("button", name="Add table").click()
        seen.ask("How much was spent in each city?")
        expect(page.locator(".card .badge")).to_have_text("○Verified on empty tables")


def test_dates_are_drawn_as_a_line(browser: Browser, url: str) -> None:
    with visit(browser, url) as seen:
        seen.upload()
        seen.ask("The total of each day")
        expect(seen.page.locator("svg path.line")).to_have_count(1)
        expect(seen.page.locator("svg circle")).to_have_count(3)


def test_what_is_cut_says_so(browser: Browser, url: str) -> None:
    with visit(browser, url) as seen:
        seen.upload()
        seen.page.locator(".options summary").click()
        seen.page.get_by_label("Rows to show").select_option("20")
        seen.ask("So many rows")
        expect(seen.page.locator(".result .hint")).to_have_text("The first 20 of 1,000 rows")
        expect(seen.page.locator(".result tbody tr")).to_have_count(20)


def test_texts_of_files_and_models_stay_texts(browser: Browser, url: str) -> None:
    with visit(browser, url) as seen:
        page = seen.page
        seen.upload("orders.csv", f'city,"{HOSTILE}"\n"{HOSTILE}",1\n"javascript:alert(3)",2\n')
        expect(page.locator(".schema")).to_contain_text(HOSTILE)
        seen.ask("hostile code")
        assert HOSTILE in page.locator(".result").inner_text()
        assert "<i>markup</i>" in page.locator(".result thead").inner_text()
        assert '<script>alert("code")</script>' in page.locator(".code").inner_text()
        assert (
            page.locator("main img, main script, main b, main i, main a, main iframe").count() == 0
        )
        question = f"hostile code {HOSTILE}"
        seen.ask(question)
        expect(page.locator(".history button").first).to_contain_text(HOSTILE)
        page.wait_for_timeout(100)  # what was loaded would have called by now


def test_a_question_is_cancelled(browser: Browser, url: str) -> None:
    with visit(browser, url) as seen:
        page = seen.page
        seen.upload()
        page.get_by_label("Question", exact=True).fill("A slow one")
        page.get_by_role("button", name="Ask").click()
        expect(page.locator(".stage")).to_contain_text("Writing code")
        seen.shot("asking")
        page.keyboard.press("Escape")
        expect(page.locator(".why")).to_contain_text("You cancelled")
        seen.ask("How much was spent in each city?")  # the model is free again
        expect(page.locator(".card .badge")).to_have_text("✓Verified on your data")


def test_earlier_answers_come_back(browser: Browser, url: str) -> None:
    with visit(browser, url) as seen:
        page = seen.page
        seen.upload()
        seen.ask("How much was spent in each city?")
        seen.ask("Something misspelt")
        asked = page.locator(".history button")
        expect(asked).to_have_count(2)
        expect(asked.first).to_have_attribute("aria-current", "true")
        asked.last.click()
        expect(page.locator(".card h2")).to_have_text("How much was spent in each city?")
        expect(page.locator(".card h2")).to_be_focused()
        expect(asked.last).to_have_attribute("aria-current", "true")
        page.reload()
        expect(page.locator(".history button")).to_have_count(0)


def test_files_are_dropped_anywhere(browser: Browser, url: str) -> None:
    with visit(browser, url) as seen:
        page = seen.page
        given = page.evaluate_handle(
            """(text) => {
                const transfer = new DataTransfer();
                transfer.items.add(new File([text], "Sales 2024.csv", {type: "text/csv"}));
                transfer.items.add(new File(["not a table"], "notes.md"));
                return transfer;
            }""",
            CSV,
        )
        page.dispatch_event("main", "dragenter", {"dataTransfer": given})
        expect(page.locator("#drop")).to_have_class(re.compile("over"))
        page.dispatch_event("main", "drop", {"dataTransfer": given})
        expect(page.get_by_label("Name of table sales_2024")).to_have_value("sales_2024")
        expect(page.locator(".table.failed")).to_contain_text("notes.md was not added")
        expect(page.locator("#drop")).not_to_have_class(re.compile("over"))


def test_tables_have_names_that_code_can_use(browser: Browser, url: str) -> None:
    with visit(browser, url) as seen:
        page = seen.page
        seen.upload("things.csv")
        seen.upload("things.csv")
        names = page.locator(".table-head input")
        assert [names.nth(n).input_value() for n in range(2)] == ["things", "things_2"]
        names.first.fill("class")
        expect(page.locator(".table .problem").first).to_contain_text("has a meaning in code")
        names.first.fill("orders")
        names.first.blur()
        seen.ask("How much was spent in each city?")
        expect(page.locator(".card .badge")).to_have_text("✓Verified on your data")
        page.get_by_role("button", name="Remove this table").first.click()
        expect(page.locator(".table")).to_have_count(1)


def test_the_token_is_asked_for_and_kept_in_this_tab_only(browser: Browser, tmp_path: Path) -> None:
    token = "a-token-of-sixteen-characters"
    with serving(tmp_path, ANSWERS, token=token) as url, visit(browser, url) as seen:
        page = seen.page
        file: FilePayload = {"name": "orders.csv", "mimeType": "text/csv", "buffer": CSV.encode()}
        page.set_input_files("#files", [file])
        dialog = page.get_by_role("dialog", name="Access token")
        expect(dialog).to_be_visible()
        expect(page.get_by_label("Token", exact=True)).to_be_focused()
        assert seen.violations() == []
        page.get_by_label("Token", exact=True).fill(token)
        page.keyboard.press("Enter")
        expect(dialog).to_be_hidden()
        page.get_by_role("button", name="Dismiss").click()
        seen.upload()
        seen.ask("How much was spent in each city?")
        expect(page.locator(".card .badge")).to_have_text("✓Verified on your data")
        kept = page.evaluate("[JSON.stringify(sessionStorage), JSON.stringify(localStorage)]")
        assert token in kept[0]
        assert kept[1] == "{}"
        assert page.context.cookies() == []
        assert not any(token in asked for asked in seen.asked)
        page.get_by_role("button", name="Token", exact=True).click()
        page.get_by_role("button", name="Forget it").click()
        page.wait_for_function("sessionStorage.length === 0")


def test_the_keyboard_is_enough(browser: Browser, url: str) -> None:
    with visit(browser, url) as seen:
        page = seen.page
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the question")).to_be_focused()
        reached = []
        for _ in range(6):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.id"))
        assert reached == ["open-token", "choose", "describe", "question", "send", ""]
        page.get_by_role("link", name="Skip to the question").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_label("Question", exact=True)).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#ask-problem")).to_have_text("Add a table first.")
        expect(page.locator("#choose")).to_be_focused()


def test_files_are_deleted_with_the_page(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path, ANSWERS) as url, visit(browser, url) as seen:

        def kept() -> str:
            return re.findall(r"^darkwood_uploads (\d+)", _metrics(url), re.M)[0]

        seen.upload("one.csv")
        seen.upload("two.csv")
        assert kept() == "2"
        seen.page.get_by_role("button", name="Remove this table").first.click()
        expect(seen.page.locator(".table")).to_have_count(1)
        _soon(lambda: kept() == "1")
        seen.page.reload()
        _soon(lambda: kept() == "0")


def _metrics(url: str) -> str:
    with urlopen(f"{url}metrics") as reply:
        return reply.read().decode()


def _soon(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.parametrize("scheme", LIGHT_AND_DARK)
def test_axe_finds_nothing(browser: Browser, url: str, scheme: str) -> None:
    with visit(browser, url, color_scheme=scheme) as seen:
        assert seen.violations() == []
        seen.upload()
        seen.ask("How much was spent in each city?")
        assert seen.violations() == []
        seen.shot(f"{scheme}-bars")
        seen.ask("The total of each day")
        assert seen.violations() == []
        seen.shot(f"{scheme}-line")
        seen.ask("Something misspelt")
        assert seen.violations() == []
        seen.shot(f"{scheme}-failed")


def test_a_phone_scrolls_one_way(browser: Browser, url: str) -> None:
    viewport = {"width": 360, "height": 740}
    with visit(browser, url, viewport=viewport, has_touch=True, is_mobile=True) as seen:
        page = seen.page
        seen.upload("a_very_long_file_name_that_would_not_fit_" + "x" * 40 + ".csv")
        page.locator(".table-head input").fill("orders")
        for question in ("How much was spent in each city?", "Something misspelt", "hostile code"):
            seen.ask(question)
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= viewport["width"], question
        assert seen.violations() == []
        seen.shot("phone")
