"""`uvicorn darkwood_bench.copilot:app`: the same service, its settings from the environment."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest
from page_service import scripted

TOKEN = "a-token-that-is-long-enough"
COMMAND = [sys.executable, "-m", "uvicorn", "darkwood_bench.copilot:app"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    bench = scripted(tmp_path, "answers: [{text: result = cards}]")
    named = {"DARKWOOD_MODELS": str(bench.models[0]), "DARKWOOD_CACHE": str(bench.cache)}
    asked = {"DARKWOOD_SERVE_MODEL": "script", "DARKWOOD_SERVE_VARIANT": "schema"}
    return {**os.environ, **named, **asked}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def ready(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 120
    while True:
        try:
            if httpx2.get(f"{address}/readyz").status_code == 200:
                return
        except httpx2.TransportError:
            pass
        assert process.poll() is None and time.monotonic() < end, log.read_text()
        time.sleep(0.1)


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_it_serves_the_contract_and_ends_when_told(
    tmp_path: Path, environment: dict[str, str], host: str
) -> None:
    port, log = free_port(), tmp_path / "log"
    headers = {}
    if host == "0.0.0.0":
        environment["DARKWOOD_SERVE_TOKEN"] = TOKEN
        headers = {"Authorization": f"Bearer {TOKEN}"}
    with log.open("wb") as said:
        process = subprocess.Popen(
            [*COMMAND, "--host", host, "--port", str(port)],
            env=environment,
            stdout=said,
            stderr=said,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        ready(address, process, log)
        assert httpx2.get(address).json() == {"status": "ok"}
        body = {"message": "How many?", "tables": {"cards": {"name": "String"}}}
        if headers:
            assert httpx2.post(f"{address}/chat", json=body).status_code == 401
        reply = httpx2.post(f"{address}/chat", json=body, headers=headers, timeout=60)
        assert reply.json() == {"response": "result = cards"}
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) in (0, -signal.SIGTERM)
    finally:
        process.kill()
        process.wait()
    assert "Traceback" not in log.read_text()


@pytest.mark.parametrize("by", ["option", "environment"])
def test_it_does_not_start_where_others_could_ask_it_without_a_token(
    environment: dict[str, str], by: str
) -> None:
    arguments = ["--host", "0.0.0.0"] if by == "option" else []
    if by == "environment":
        environment["UVICORN_HOST"] = "0.0.0.0"
    port = free_port()
    ended = subprocess.run(
        [*COMMAND, *arguments, "--port", str(port)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode != 0
    (line,) = [line for line in ended.stderr.splitlines() if "there is no token" in line]
    assert "0.0.0.0 can be reached from other machines" in line
    assert "Traceback" not in ended.stderr


def test_a_setting_that_cannot_be_used_is_named_in_one_line(environment: dict[str, str]) -> None:
    environment["DARKWOOD_SERVE_TOKEN"] = "short"
    ended = subprocess.run(COMMAND, env=environment, capture_output=True, text=True, timeout=120)
    assert ended.returncode != 0
    (line,) = ended.stderr.splitlines()
    assert line.startswith("error: token: shorter than 16 characters")


def test_a_socket_that_it_is_given_is_answered_403_without_a_token(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    """Nothing says where it listens: so each request is looked at."""
    log = tmp_path / "log"
    with socket.create_server(("0.0.0.0", 0)) as given, log.open("wb") as said:
        process = subprocess.Popen(
            [*COMMAND, "--fd", str(given.fileno())],
            env=environment,
            stdout=said,
            stderr=said,
            pass_fds=[given.fileno()],
        )
        address = f"http://127.0.0.1:{given.getsockname()[1]}"
        try:
            ready(address, process, log)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outward:
                outward.connect(("192.0.2.1", 9))  # sends nothing; says which address is ours
                ours = outward.getsockname()[0]
            if ours.startswith("127."):
                pytest.skip("this machine has no other address")
            reply = httpx2.get(f"{address.replace('127.0.0.1', ours)}/healthz", timeout=30)
            assert reply.status_code == 403
        finally:
            process.kill()
            process.wait()
