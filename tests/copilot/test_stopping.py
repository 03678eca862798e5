"""`darkwood serve` as a process: it starts, and on SIGTERM answers or refuses every request."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from page_service import scripted

from darkwood_bench.sandbox import probe_isolation

ANSWERS = "answers: [{match: slow, delay_s: 3, text: result = cards}, {text: result = cards}]"
ENDED = (0, -signal.SIGTERM)
"""As uvicorn has it: once all is done, the signal that it was told by."""
BODY = {"question": "slow", "tables": {"cards": {"name": "String"}}}


@contextmanager
def serve(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The command, and its address once the model is loaded."""
    bench = scripted(folder, ANSWERS)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "darkwood_bench", "serve", "--port", str(port)]
    command += ["--model", "script", "--variant", "schema", *arguments]
    environment = {**os.environ, "DARKWOOD_MODELS": str(bench.models[0])}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + 120
        while not _is_ready(address):
            assert process.poll() is None and time.monotonic() < end, (folder / "log").read_text()
            time.sleep(0.1)
        yield process, address
    finally:
        process.kill()
        process.wait()


def _is_ready(address: str) -> bool:
    try:
        return httpx2.get(f"{address}/readyz").status_code == 200
    except httpx2.TransportError:
        return False


def test_every_request_is_answered_or_refused_when_it_is_told_to_stop(tmp_path: Path) -> None:
    def ask(address: str) -> httpx2.Response | None:
        try:
            return httpx2.post(f"{address}/v1/query", json=BODY, timeout=60)
        except httpx2.ConnectError:
            return None  # the door is closed: nothing was asked

    with serve(tmp_path) as (process, address), ThreadPoolExecutor(4) as pool:
        first = pool.submit(ask, address)
        _until_generating(address)
        others = [pool.submit(ask, address) for _ in range(2)]
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        late = pool.submit(ask, address).result()
        done = first.result()
        assert done is not None
        assert (done.status_code, done.json()["code"]) == (200, "result = cards")
        for refused in [late, *(other.result() for other in others)]:
            if refused is None:
                continue
            assert refused.status_code == 503
            assert int(refused.headers["retry-after"]) >= 1
            assert set(refused.json()) == {"detail", "request_id"}
        assert process.wait(30) in ENDED
    lines = (tmp_path / "log").read_text().splitlines()
    logged = [json.loads(line) for line in lines if line.startswith("{")]
    assert any(row["event"] == "stopping" for row in logged)
    assert not any("slow" in line for line in lines), "a question is in the log"


def test_uploads_and_processes_are_gone_when_it_has_ended(tmp_path: Path) -> None:
    if probe_isolation().level == "L0":
        pytest.skip("uploads are read in the sandbox")
    os.environ["TMPDIR"] = str(tmp_path)
    try:
        with serve(tmp_path) as (process, address):
            sent = httpx2.post(f"{address}/v1/uploads", files={"file": ("a.csv", b"a\n1\n")})
            assert sent.status_code == 200, sent.text
            kept = list(tmp_path.glob("darkwood-uploads-*/*"))
            assert len(kept) == 1
            assert kept[0].stat().st_mode & 0o077 == 0
            assert kept[0].parent.stat().st_mode & 0o077 == 0
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) in ENDED
        assert not list(tmp_path.glob("darkwood-uploads-*"))
    finally:
        del os.environ["TMPDIR"]


def test_what_a_killed_server_left_is_removed_by_the_next(tmp_path: Path) -> None:
    if probe_isolation().level == "L0":
        pytest.skip("uploads are read in the sandbox")
    os.environ["TMPDIR"] = str(tmp_path)
    try:
        with serve(tmp_path) as (_, address):
            sent = httpx2.post(f"{address}/v1/uploads", files={"file": ("a.csv", b"a\n1\n")})
            assert sent.status_code == 200, sent.text
        (left,) = tmp_path.glob("darkwood-uploads-*/*")
        with serve(tmp_path):
            assert not left.parent.exists()
    finally:
        del os.environ["TMPDIR"]


def test_it_refuses_to_start_where_others_could_ask_it_without_a_token() -> None:
    command = [sys.executable, "-m", "darkwood_bench", "serve", "--host", "0.0.0.0"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 2
    assert "there is no token" in ended.stderr


def _until_generating(address: str) -> None:
    end = time.monotonic() + 30
    while "darkwood_generating 1.0" not in httpx2.get(f"{address}/metrics").text:
        assert time.monotonic() < end
        time.sleep(0.05)
