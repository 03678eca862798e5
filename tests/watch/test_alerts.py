"""Alerts reach a receiver, and never get in anybody's way."""

from pathlib import Path
from typing import Any

import pytest
from watch_scores import keep
from webhook import SECRET, Receiver

from darkwood_bench.watch import Alerts, accept, judge_score, regression_alert


def send(address: str | None, alert: dict[str, Any] | None = None) -> tuple[bool, list[str]]:
    said: list[str] = []
    sent = Alerts(address, 1.0, (0.0, 0.0)).send(alert or {"text": "worse"}, said.append)
    return sent, said


def test_a_regression_is_posted_as_json_that_says_all_of_it(tmp_path: Path) -> None:
    tables, walls = str(tmp_path), [1.0] * 60
    accept(tables, keep(tables, 0, [True] * 60, walls), by="me")
    row = keep(tables, 24, [n >= 20 for n in range(60)], walls, versions="{'polars': '3'}")
    verdict = judge_score(tables, row, 1, accept_first=False)
    with Receiver().listening() as receiver:
        sent, said = send(receiver.address, regression_alert([verdict]))
    assert sent
    (body,) = receiver.bodies
    assert body["event"] == "regression"
    assert body["text"].startswith("darkwood: 1 worse than accepted\nm/v: worse, N 60 -> 40 of 60")
    assert said == [body["text"]]
    (entry,) = body["regressions"]
    assert entry["score_id"] == row["score_id"]
    assert len(entry["tasks_lost"]) == 20
    assert entry["differs"] == {"versions": ["{}", "{'polars': '3'}"]}
    assert body["accept"] == "darkwood nightly accept m/v"


def test_a_receiver_that_stumbles_is_asked_again() -> None:
    with Receiver(503, 429).listening() as receiver:
        sent, _ = send(receiver.address)
    assert sent
    assert len(receiver.bodies) == 3


@pytest.mark.parametrize(("statuses", "tries"), [((404,), 1), ((500, 500, 500), 3)])
def test_an_alert_that_is_not_taken_is_a_line_without_the_secret(
    statuses: tuple[int, ...], tries: int
) -> None:
    with Receiver(*statuses).listening() as receiver:
        sent, said = send(receiver.address)
    assert not sent
    assert len(receiver.bodies) == tries
    assert said[1].startswith("the webhook at 127.0.0.1 did not take the alert: ")
    assert str(statuses[0]) in said[1]
    assert SECRET not in said[1]


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1/secret", "file:///etc/secret", "secret", "http://[secret"]
)
def test_an_address_that_leads_nowhere_is_a_line(address: str) -> None:
    sent, said = send(address)
    assert not sent
    assert len(said) == 2
    assert "secret" not in said[1]


def test_without_a_webhook_the_log_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert send(None) == (True, ["worse"])
    monkeypatch.setenv("DARKWOOD_WEBHOOK", "http://somewhere")
    assert Alerts.from_env().webhook == "http://somewhere"
    monkeypatch.setenv("DARKWOOD_WEBHOOK", "")
    assert Alerts.from_env().webhook is None
