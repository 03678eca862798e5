"""What is in the log: no question, data, name or token, unless it is asked for."""

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import httpx2
import pytest
from page_service import serving

from darkwood_bench.copilot.logs import LOGGER, start_logging

TOKEN = "a-token-that-is-long-enough"
ANSWERS = """
answers:
- match: whereabouts
  text: result = persons.select(pl.col("salary").nothing_like_it())
- text: result = persons
"""
SECRETS = ("whereabouts", "persons", "salary", "Ada", "Lovelace", TOKEN, "file_of_hers")


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[StringIO]:
    start_logging()
    made = StringIO()
    monkeypatch.setattr(LOGGER.handlers[0], "stream", made)
    yield made


def ask_everything(address: str) -> None:
    with httpx2.Client(
        base_url=address, timeout=60, headers={"Authorization": f"Bearer {TOKEN}"}
    ) as client:
        contents = b"persons,salary\nAda Lovelace,3\n"
        sent = client.post("/v1/uploads", files={"file": ("file_of_hers.csv", contents)})
        tables: dict[str, Any] = {"persons": {"upload_id": sent.json()["upload_id"]}}
        once = {"attempts": 1}
        asked = {"question": "Her whereabouts?", "tables": tables, "options": once}
        assert client.post("/v1/query", json=asked).status_code == 200
        stream = {"accept": "text/event-stream"}
        assert client.post("/v1/query", json=asked, headers=stream).status_code == 200
        contract = {"message": "Her whereabouts?", "tables": {"persons": {"salary": "Int64"}}}
        assert client.post("/chat", json=contract).status_code == 200
        run = {"code": "raise ValueError(persons['salary'])", "tables": tables}
        assert client.post("/v1/execute", json=run).status_code == 200
        assert client.post("/v1/query", json={"question": ["whereabouts"]}).status_code == 422
        client.delete(f"/v1/uploads/{tables['persons']['upload_id']}")


def lines(written: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_nothing_of_what_is_asked_is_in_the_log(tmp_path: Path, written: StringIO) -> None:
    with serving(tmp_path, ANSWERS, token=TOKEN, execute=True) as address:
        ask_everything(address)
    requests = [line for line in lines(written) if line["event"] == "request"]
    routes = {line["route"] for line in requests}
    assert {"/v1/query", "/chat", "/v1/execute", "/v1/uploads/{upload_id}"} <= routes
    assert all(line["request_id"] and line["status"] for line in requests)
    answered = [line for line in requests if line["route"] == "/v1/query"]
    assert {line.get("failure_class") for line in answered} == {"unknown_method", None}
    for secret in SECRETS:
        assert secret not in written.getvalue(), secret


def test_questions_are_where_that_is_wanted_and_nothing_else(
    tmp_path: Path, written: StringIO
) -> None:
    with serving(tmp_path, ANSWERS, token=TOKEN, execute=True, log_questions=True) as address:
        ask_everything(address)
    told = [line for line in lines(written) if "question" in line]
    assert [line["question"] for line in told] == ["Her whereabouts?"] * 3
    for secret in ("salary", "Lovelace", TOKEN, "file_of_hers"):
        assert secret not in written.getvalue(), secret
