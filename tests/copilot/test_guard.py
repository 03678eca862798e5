"""Who may ask, how much may be sent, and what an error says."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from fastapi import FastAPI
from page_service import scripted
from starlette.testclient import TestClient

from darkwood_bench.copilot import limits
from darkwood_bench.copilot.app import create_app
from darkwood_bench.copilot.budget import Budget
from darkwood_bench.copilot.logs import LOGGER
from darkwood_bench.copilot.settings import CopilotSettings

TOKEN = "a-token-that-is-long-enough"
HERE = "http://127.0.0.1:8000"
CHAT = {"message": "How many?", "tables": {"cards": {"name": "String"}}}


def client(app: FastAPI, address: str = HERE) -> TestClient:
    """Without its lifespan: nothing is loaded, and whatever gets past the guard fails."""
    return TestClient(app, base_url=address, raise_server_exceptions=False)


@pytest.fixture
def open_app(tmp_path: Path) -> FastAPI:
    settings = CopilotSettings(model="script", variant="schema", max_body_mb=0.01)
    return create_app(settings, scripted(tmp_path, "answers: []"))


@pytest.fixture
def closed_app(tmp_path: Path) -> Iterator[FastAPI]:
    settings = CopilotSettings(model="script", variant="schema", token=TOKEN, host="0.0.0.0")
    yield create_app(settings, scripted(tmp_path, "answers: []"))


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:1", "[::1]:8000", "LOCALHOST"])
def test_names_of_this_machine_are_answered(open_app: FastAPI, host: str) -> None:
    assert client(open_app).get("/healthz", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[", "10.0.0.1"])
def test_other_names_are_not(open_app: FastAPI, host: str) -> None:
    reply = client(open_app).get("/healthz", headers={"host": host})
    assert reply.status_code == 421
    assert set(reply.json()) == {"detail", "request_id"}


def test_without_a_token_other_addresses_are_not_answered(open_app: FastAPI) -> None:
    reply = client(open_app, "http://10.1.2.3:8000").get("/", headers={"host": "localhost"})
    assert reply.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_pages_of_other_sites_may_not_ask(open_app: FastAPI, headers: dict[str, str]) -> None:
    assert client(open_app).post("/chat", json=CHAT, headers=headers).status_code == 403


def test_a_form_of_another_site_is_no_json(open_app: FastAPI) -> None:
    body = b'{"message": "x", "tables": {}}'
    reply = client(open_app).post("/chat", content=body, headers={"content-type": "text/plain"})
    assert reply.status_code in (415, 422)


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/docs", "/page/app.js"])
def test_probes_and_the_page_need_no_token(closed_app: FastAPI, path: str) -> None:
    # readyz looks at a model that nobody has started here: it gets past the guard and fails.
    assert client(closed_app).get(path).status_code != 401


@pytest.mark.parametrize("path", ["/metrics", "/report/", "/v1/query", "/nothing", "/chat"])
@pytest.mark.parametrize("header", [None, "", "Bearer ", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "x"])
def test_all_else_does(closed_app: FastAPI, path: str, header: str | None) -> None:
    headers = {} if header is None else {"authorization": header}
    for method in ("GET", "POST", "DELETE"):
        reply = client(closed_app).request(method, path, headers=headers)
        assert reply.status_code == 401
        assert reply.headers["www-authenticate"] == "Bearer"
        assert TOKEN not in reply.text


def test_the_token_lets_in(closed_app: FastAPI) -> None:
    reply = client(closed_app).get("/report/", headers={"authorization": f"bearer {TOKEN}"})
    assert (reply.status_code, "no report" in reply.json()["detail"]) == (404, True)


def test_long_bodies_are_refused_before_they_are_read(open_app: FastAPI) -> None:
    body = b'{"message": "' + b"x" * 20_000 + b'"}'
    headers = {"content-type": "application/json"}
    assert client(open_app).post("/chat", content=body, headers=headers).status_code == 413

    def pieces() -> Iterator[bytes]:
        yield from (body[:9_000], body[9_000:])

    assert client(open_app).post("/chat", content=pieces(), headers=headers).status_code == 413


def test_deep_json_is_the_clients_fault(open_app: FastAPI) -> None:
    body = b'{"message": ' + b"[" * 4_000
    reply = client(open_app).post(
        "/chat", content=body, headers={"content-type": "application/json"}
    )
    assert reply.status_code in (400, 422)


def test_a_failure_of_ours_says_no_more_than_that(
    open_app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = StringIO()
    monkeypatch.setattr(LOGGER.handlers[0], "stream", written)
    reply = client(open_app).post("/chat", json=CHAT, headers={"x-request-id": "abc-1"})
    assert reply.status_code == 500
    assert reply.json() == {
        "detail": "the server failed; its log says why",
        "request_id": "abc-1",
    }
    assert "Traceback" in written.getvalue()


def test_what_is_wrong_with_a_request_is_said_by_field_without_its_contents(
    open_app: FastAPI,
) -> None:
    wrong = {"message": 7, "tables": {"cards": {"columns": "secret-value"}}}
    reply = client(open_app).post("/chat", json=wrong)
    assert reply.status_code == 422
    assert "message: " in reply.json()["detail"]
    assert "tables.cards: is none of {file_name" not in reply.json()["detail"]
    assert "secret-value" not in reply.text


def test_programs_of_clients_are_not_run_unless_that_is_wanted(open_app: FastAPI) -> None:
    assert client(open_app).post("/v1/execute", json={"code": "result = 1"}).status_code == 404
    assert "/v1/execute" not in client(open_app).get("/openapi.json").json()["paths"]


def test_bodies_of_all_requests_together_have_an_end(
    open_app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    budgets: list[Budget] = []

    class Noted(Budget):
        def __init__(self, most: int) -> None:
            super().__init__(most)
            budgets.append(self)

    monkeypatch.setattr(limits, "Budget", Noted)
    body = {**CHAT, "message": ""}  # refused once it has been read
    assert client(open_app).post("/chat", json=body).status_code == 422
    (budget,) = budgets
    assert budget.held == 0
    assert budget.most == (64 + 16) * 10_000
    budget.add(budget.most - 10)
    reply = client(open_app).post("/chat", json=body)
    assert reply.status_code == 429
    assert int(reply.headers["retry-after"]) >= 1
    assert budget.held == budget.most - 10


def test_every_reply_has_safe_headers(open_app: FastAPI) -> None:
    for path in ("/", "/healthz", "/nothing", "/docs"):
        headers = client(open_app).get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-request-id"]
        assert "server" not in headers


def test_the_interface_is_shown_without_scripts_or_outside_requests(open_app: FastAPI) -> None:
    page = client(open_app).get("/docs").text
    assert "/v1/query" in page and "QueryReply" in page
    assert "<script" not in page and "http://" not in page and "https://" not in page
