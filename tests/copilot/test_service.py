"""Questions to a running service with scripted answers: the code runs, in the real sandbox."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx2
import polars as pl
import pytest
from page_service import running, scripted

from darkwood_bench.copilot.settings import CopilotSettings
from darkwood_bench.cores import usable_cores
from darkwood_bench.sandbox import probe_isolation

pytestmark = pytest.mark.skipif(
    probe_isolation().level == "L0", reason="no code is run without isolation"
)
ANSWERS = r"""
answers:
  - match: no attribute 'hed'
    text: "```python\nresult = cards.head(1)\n```"
  - match: the first
    text: "```python\nresult = cards.hed(1)\n```"
  - match: whole table
    text: "result = cards"
  - match: half of
    text: "result = cards.select(half=pl.col('cost') / 2)"
  - match: just talk
    text: "I would rather not."
  - match: wait for it
    delay_s: 60
    text: "result = cards"
  - match: in a moment
    delay_s: 1.5
    text: "result = cards"
  - match: mangled
    text: "result = cards.groupby('name').agg(pl.len().alias('n'))"
  - text: "result = cards.select(pl.len().alias('n'))"
"""
CARDS = pl.DataFrame({"name": ["Elf", "Orc", None], "cost": [1, 3, 2]})
COLUMNS = {"cards": {"name": "String", "cost": "i64"}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("data")
    CARDS.write_parquet(made / "cards.parquet")
    (made / "broken.parquet").write_bytes(b"PAR1 this is none PAR1")
    return made


@pytest.fixture(scope="module")
def address(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = CopilotSettings(
        model="script",
        variant="schema",
        data=(folder,),
        execute=True,
        queue=2,
        max_uploads=3,
        max_upload_mb=0.1,
    )
    bench = scripted(tmp_path_factory.mktemp("bench"), ANSWERS)
    with running(settings, bench) as served:
        yield served


@pytest.fixture
def client(address: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=address, timeout=60) as opened:
        yield opened


def ask(client: httpx2.Client, question: str, tables: Any = COLUMNS, **options: Any) -> Any:
    body = {"question": question, "tables": tables, "options": options}
    reply = client.post("/v1/query", json=body)
    assert reply.status_code == 200, reply.text
    return reply.json()


def upload(client: httpx2.Client, frame: pl.DataFrame, name: str = "cards.csv") -> Any:
    buffer = BytesIO()
    frame.write_parquet(buffer) if name.endswith("parquet") else frame.write_csv(buffer)
    reply = client.post("/v1/uploads", files={"file": (name, buffer.getvalue())})
    assert reply.status_code == 200, reply.text
    return reply.json()


@pytest.fixture
def sent(client: httpx2.Client) -> Iterator[dict[str, Any]]:
    found = upload(client, CARDS)
    yield {"cards": {"upload_id": found["upload_id"]}}
    client.delete(f"/v1/uploads/{found['upload_id']}")


def test_an_answer_over_an_upload_is_run_over_its_rows(
    client: httpx2.Client, sent: dict[str, Any]
) -> None:
    found = ask(client, "how many", sent)
    assert (found["verified"], found["verified_on"]) == (True, "data")
    assert found["result"]["columns"] == [{"name": "n", "dtype": "UInt32"}]
    assert found["result"]["rows"] == [[3]]
    assert found["execution"]["status"] == "ok"
    assert found["execution"]["isolation_level"] in ("L1", "L2", "L3")
    assert found["system"] == {"model": "script", "prompt_variant": "schema"}
    assert found["failure_class"] is None and found["reason"] is None
    assert found["timings"]["total_s"] >= found["timings"]["verify_s"] > 0


def test_with_columns_alone_it_is_run_over_tables_without_rows(client: httpx2.Client) -> None:
    found = ask(client, "whole table")
    assert (found["verified"], found["verified_on"]) == (True, "empty_frames")
    assert found["result"]["n_rows"] == 0
    assert [column["name"] for column in found["result"]["columns"]] == ["name", "cost"]


def test_what_fails_is_asked_again_with_its_error(client: httpx2.Client) -> None:
    found = ask(client, "the first")
    assert [attempt["status"] for attempt in found["attempts"]] == ["runtime_error", "ok"]
    assert "hed" in found["attempts"][0]["error_message"]
    assert found["code"] == "result = cards.head(1)"
    assert found["verified"]


def test_with_one_attempt_it_is_said_to_fail(client: httpx2.Client) -> None:
    found = ask(client, "the first", attempts=1)
    assert (found["verified"], found["failure_class"]) == (False, "unknown_method")
    assert "hed" in found["reason"]
    assert found["code"] == "result = cards.hed(1)"


def test_an_answer_without_code_is_one(client: httpx2.Client) -> None:
    found = ask(client, "just talk", attempts=1)
    assert found["code"] is None
    assert found["failure_class"] == "no_code"
    assert not found["verified"]


def test_an_unknown_dtype_is_said_to_stand_in_the_way(client: httpx2.Client) -> None:
    found = ask(client, "whole table", {"cards": {"name": "Geography"}})
    assert found["code"] == "result = cards"
    assert not found["verified"] and found["execution"] is None
    assert "the dtype of name is not known" in found["reason"]


def test_files_below_the_data_folder_are_found_and_others_are_as_if_not_there(
    client: httpx2.Client, folder: Path
) -> None:
    def named(path: str) -> dict[str, Any]:
        return {"cards": {"file_name": path, "format": "parquet"}}

    there = ask(client, "how many", named(str(folder / "cards.parquet")))
    assert there["result"]["rows"] == [[3]]
    outside = ask(client, "how many", named("/etc/passwd"))
    missing = ask(client, "how many", named("/nowhere"))
    assert outside["warnings"] == missing["warnings"]
    assert not outside["verified"]
    broken = ask(client, "how many", named("broken.parquet"))
    assert not broken["verified"] and "cannot be read" in broken["warnings"][0]


def test_a_file_that_is_not_there_has_the_columns_that_were_given(client: httpx2.Client) -> None:
    tables = {"cards": {"file_name": "/gone", "format": "csv", "columns": {"name": "String"}}}
    found = ask(client, "whole table", tables)
    assert found["verified_on"] == "empty_frames"
    assert "its columns are as given" in found["warnings"][0]


def test_results_are_cut_to_what_was_asked_for(client: httpx2.Client) -> None:
    sent = upload(client, pl.DataFrame({"x": range(500)}), "cards.parquet")
    tables = {"cards": {"upload_id": sent["upload_id"]}}
    assert (sent["format"], sent["n_rows"], sent["columns"]) == ("parquet", 500, {"x": "Int64"})
    found = ask(client, "whole table", tables, max_rows=7)["result"]
    assert (len(found["rows"]), found["n_rows"], found["truncated"]) == (7, 500, True)
    arrow = ask(client, "whole table", tables, max_rows=9, result="arrow")["result"]
    assert arrow["rows"] == []
    frame = pl.read_ipc_stream(BytesIO(base64.b64decode(arrow["arrow_base64"])))
    assert frame["x"].to_list() == list(range(9))
    assert ask(client, "whole table", tables, run_on="empty_frames")["result"]["n_rows"] == 0
    client.delete(f"/v1/uploads/{sent['upload_id']}")


CHAT_TABLES = [
    {"cards": {"file_name": "cards.parquet", "format": "parquet"}},
    {"cards": {"name": "String", "cost": "Int64"}},
    {"cards": {"columns": {"name": "String"}, "n_rows": 3}},
    {"cards": {"file_name": "String", "format": "String"}},
    {"cards": {"file_name": "/nowhere.parquet", "format": "parquet"}},
    {"my table": {"a": "??"}},
    {},
]


@pytest.mark.parametrize("tables", CHAT_TABLES)
def test_chat_answers_every_shape_of_tables(client: httpx2.Client, tables: Any) -> None:
    reply = client.post("/chat", json={"message": "how many", "tables": tables})
    assert reply.status_code == 200
    assert reply.json() == {"response": "result = cards.select(pl.len().alias('n'))"}


def test_chat_says_in_a_comment_why_there_is_no_code(client: httpx2.Client) -> None:
    reply = client.post("/chat", json={"message": "just talk", "tables": COLUMNS}).json()
    assert reply == {"response": "# No program: the model's answer has no code in it"}
    compile(reply["response"], "answer", "exec")


def stream(client: httpx2.Client, question: str, tables: Any = COLUMNS) -> list[tuple[str, Any]]:
    body = {"question": question, "tables": tables}
    headers = {"accept": "text/event-stream"}
    found = []
    with client.stream("POST", "/v1/query", json=body, headers=headers) as reply:
        assert reply.status_code == 200
        assert reply.headers["content-type"].startswith("text/event-stream")
        name = ""
        for line in reply.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            if line.startswith("data: "):
                found.append((name, json.loads(line.removeprefix("data: "))))
    return found


def test_progress_comes_as_events_and_the_answer_last(client: httpx2.Client) -> None:
    events = stream(client, "the first")
    stages = [data["stage"] for name, data in events if name == "progress"]
    once = ["queued", "generating", "verifying"]
    assert stages == [*once, "repairing", *once]
    name, answer = events[-1]
    assert (name, answer["verified"], len(answer["attempts"])) == ("answer", True, 2)


def waiting(client: httpx2.Client) -> tuple[int, int]:
    """How many answers are being generated, and how many requests wait."""
    lines = client.get("/metrics").text.splitlines()
    values = dict(line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
    return int(float(values["darkwood_generating"])), int(float(values["darkwood_queue_length"]))


def until(client: httpx2.Client, wanted: tuple[int, int]) -> None:
    end = time.monotonic() + 20
    while waiting(client) != wanted:
        assert time.monotonic() < end, waiting(client)
        time.sleep(0.05)


def leave(address: str, question: str, *, events: bool) -> threading.Thread:
    """Somebody who asks, and soon closes the connection."""

    def go() -> None:
        headers = {"accept": "text/event-stream"} if events else {}
        body = {"question": question, "tables": COLUMNS}
        with pytest.raises(httpx2.ReadTimeout), httpx2.Client(timeout=1) as client:
            client.post(f"{address}v1/query", json=body, headers=headers)

    thread = threading.Thread(target=go)
    thread.start()
    return thread


@pytest.mark.parametrize("events", [False, True])
def test_who_leaves_is_not_answered_any_more(
    address: str, client: httpx2.Client, events: bool
) -> None:
    gone = leave(address, "wait for it", events=events)
    until(client, (1, 0))
    gone.join()
    until(client, (0, 0))
    assert ask(client, "how many")["verified"]


def test_the_program_of_who_leaves_is_killed(address: str, client: httpx2.Client) -> None:
    def go() -> None:
        body = {"code": "import time\ntime.sleep(9)\nresult = 1"}
        with pytest.raises(httpx2.ReadTimeout), httpx2.Client(timeout=1) as leaving:
            leaving.post(f"{address}v1/execute", json=body)

    threads = [threading.Thread(target=go) for _ in range(usable_cores())]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    began = time.monotonic()
    assert client.post("/v1/execute", json={"code": "result = 1"}).status_code == 200
    assert time.monotonic() - began < 4, "it waited for programs that nobody waits for"


def test_a_full_queue_refuses_and_the_others_are_answered(
    address: str, client: httpx2.Client
) -> None:
    def go(_: int) -> httpx2.Response:
        body = {"question": "in a moment", "tables": COLUMNS}
        return httpx2.post(f"{address}v1/query", json=body, timeout=60)

    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(go, range(8)))
    statuses = sorted(reply.status_code for reply in replies)
    assert statuses.count(200) >= 3  # one place, and two to wait in
    assert set(statuses) == {200, 429}
    refused = next(reply for reply in replies if reply.status_code == 429)
    assert int(refused.headers["retry-after"]) >= 1
    assert set(refused.json()) == {"detail", "request_id"}
    until(client, (0, 0))


def test_answers_are_not_crossed(address: str, client: httpx2.Client) -> None:
    def go(number: int) -> bool:
        column = f"column_{number}"
        tables = {"cards": {column: "Int64"}}
        while True:
            body = {"question": "whole table", "tables": tables}
            reply = httpx2.post(f"{address}v1/query", json=body, timeout=60)
            if reply.status_code == 200:
                return reply.json()["result"]["columns"][0]["name"] == column
            time.sleep(0.1)

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(go, range(24)))


def test_programs_of_the_clients_are_run_where_that_is_wanted(
    client: httpx2.Client, sent: dict[str, Any]
) -> None:
    body = {"code": "result = cards.filter(pl.col('cost') > 1).sort('cost')", "tables": sent}
    found = client.post("/v1/execute", json=body).json()
    assert found["execution"]["status"] == "ok"
    assert found["result"]["rows"] == [[None, 2], ["Orc", 3]]
    failed = client.post("/v1/execute", json={"code": "result = nope"}).json()
    assert (failed["failure_class"], failed["result"]) == ("unknown_table", None)


def test_uploads_are_refused_where_they_are_none_or_too_much(client: httpx2.Client) -> None:
    def send(name: str, contents: bytes) -> int:
        return client.post("/v1/uploads", files={"file": (name, contents)}).status_code

    assert send("x.xlsx", b"PK\3\4") == 415
    assert send("x.parquet", b"PAR1 and no more") == 422
    assert send("x.csv", b"a,b\n" + b"1,2\n" * 40_000) == 413
    kept = [upload(client, CARDS)["upload_id"] for _ in range(3)]
    assert send("x.csv", b"a\n1\n") == 429
    for upload_id in kept:
        assert client.delete(f"/v1/uploads/{upload_id}").status_code == 204
        assert client.delete(f"/v1/uploads/{upload_id}").status_code == 404


def test_a_deleted_upload_is_gone(client: httpx2.Client) -> None:
    upload_id = upload(client, CARDS)["upload_id"]
    client.delete(f"/v1/uploads/{upload_id}")
    body = {"question": "how many", "tables": {"cards": {"upload_id": upload_id}}}
    reply = client.post("/v1/query", json=body)
    assert (reply.status_code, "no such upload" in reply.json()["detail"]) == (404, True)


def test_metrics_tell_of_it(client: httpx2.Client) -> None:
    ask(client, "the first", attempts=1)
    text = client.get("/metrics").text
    for line in (
        'darkwood_failures_total{failure_class="unknown_method"}',
        'darkwood_stage_seconds_count{stage="verify"}',
        'darkwood_executions_total{isolation_level="',
        'darkwood_tokens_total{kind="completion"}',
        'darkwood_requests_total{method="POST",route="/v1/query",status="200"}',
        "darkwood_model_ready 1.0",
    ):
        assert line in text, line
