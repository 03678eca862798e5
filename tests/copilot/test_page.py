"""How the page is served: to whom, under which policy, and whole."""

import re
from html.parser import HTMLParser

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.testclient import TestClient

from darkwood_bench.copilot import page
from darkwood_bench.copilot.page import STATIC

SCRIPTS = sorted(STATIC.glob("*.js"))


@pytest.fixture
def client() -> TestClient:
    app = FastAPI()
    app.include_router(page.router)

    @app.get("/")
    async def root(request: Request) -> Response:
        return page.page(request)

    return TestClient(app)


class Loaded(HTMLParser):
    """What a page loads, and what it has inline."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag in ("script", "img"):
            self.addresses.append(named.get("src") or "")
        if tag == "link":
            self.addresses.append(named.get("href") or "")
        if tag == "style" or (tag == "script" and "src" not in named):
            self.inline.append(tag)
        self.inline += [name for name in named if name == "style" or name.startswith("on")]


def test_all_that_the_page_loads_is_served_beside_it(client: TestClient) -> None:
    loaded = Loaded()
    loaded.feed(client.get("/").text)
    assert {"page/page.css", "page/app.js", "page/icon.svg"} <= set(loaded.addresses)
    assert loaded.inline == []
    for address in loaded.addresses:
        assert client.get(f"/{address}").status_code == 200, address
    for script in SCRIPTS:
        for name in re.findall(r'from "\./([^"]+)"', script.read_text()):
            assert client.get(f"/page/{name}").status_code == 200, (script.name, name)


def test_the_policy_lets_nothing_in_from_elsewhere(client: TestClient) -> None:
    for path in ("/", "/page/app.js"):
        policy = client.get(path).headers["content-security-policy"]
        rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
        assert rules["default-src"] == "'none'"
        assert {"script-src", "style-src", "connect-src"} <= rules.keys()
        allowed = {source for rule in rules.values() for source in rule.split(" ")}
        assert allowed == {"'none'", "'self'", "'script'"}


def test_no_script_makes_markup_or_code_of_a_text() -> None:
    assert SCRIPTS
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
        r"|DOMParser|createContextualFragment|srcdoc|localStorage|document\.cookie|https?://(?!www\.w3\.org)"
    )
    for script in SCRIPTS:
        assert not forbidden.search(script.read_text()), script.name


def test_a_browser_that_has_a_file_is_not_sent_it_again(client: TestClient) -> None:
    first = client.get("/page/app.js")
    assert first.headers["content-type"].startswith("text/javascript")
    again = client.get("/page/app.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    changed = client.get("/page/app.js", headers={"If-None-Match": '"other"'})
    assert changed.content == first.content


@pytest.mark.parametrize("name", ["../page.py", "..%2Fpage.py", "index.html", "none.js", "%00"])
def test_nothing_else_is_served(client: TestClient, name: str) -> None:
    assert client.get(f"/page/{name}").status_code == 404
