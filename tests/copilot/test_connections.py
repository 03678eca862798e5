"""Connections that ask nothing or read nothing, over raw sockets."""

import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from page_service import scripted, serving

from darkwood_bench.copilot import connections, limits
from darkwood_bench.copilot.app import create_app
from darkwood_bench.copilot.serving import server_config
from darkwood_bench.copilot.settings import CopilotSettings

HEAD = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"
REQUEST_S = 1.0
ANSWERS = """
answers:
- match: slow
  delay_s: 2.5
  text: result = 1
- text: result = 1
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(connections, "REQUEST_S", REQUEST_S)
        patched.setattr(connections, "UNREAD_S", 1.0)
        patched.setattr(limits, "_BODY_S", 1.0)
        with serving(tmp_path_factory.mktemp("served"), ANSWERS) as address:
            found = urlsplit(address)
            assert found.hostname and found.port
            yield found.hostname, found.port


def is_closed(connection: socket.socket, within_s: float) -> bool:
    """Whether the other side closes it by then; what it sends is thrown away."""
    connection.settimeout(within_s)
    try:
        while connection.recv(65_536):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


def drip(connection: socket.socket, piece: bytes, for_s: float) -> bool:
    """Send a little again and again; whether the other side has enough of it."""
    end = time.monotonic() + for_s
    while time.monotonic() < end:
        with suppress(OSError):
            connection.sendall(piece)
        if is_closed(connection, 0.1):
            return True
    return False


def test_who_asks_nothing_is_closed(place: tuple[str, int]) -> None:
    with socket.create_connection(place) as silent:
        assert not is_closed(silent, REQUEST_S / 2)
        assert is_closed(silent, 3 * REQUEST_S)


def test_a_head_that_never_ends_is_closed_however_much_of_it_comes(place: tuple[str, int]) -> None:
    with socket.create_connection(place) as slow:
        slow.sendall(HEAD)
        assert drip(slow, b"X-A: b\r\n", 3 * REQUEST_S)
    with socket.create_connection(place) as large:
        large.sendall(HEAD)
        with suppress(OSError):
            large.sendall(b"X-A: " + b"b" * 200_000)
        assert is_closed(large, REQUEST_S / 2)


def test_a_second_request_has_no_more_time_than_the_first(place: tuple[str, int]) -> None:
    with socket.create_connection(place) as slow:
        slow.sendall(HEAD + b"\r\n")
        assert b"200 OK" in slow.recv(65_536)
        # Kept open for the next one, but not for pieces of it.
        assert not is_closed(slow, 1.5 * REQUEST_S)
        assert drip(slow, b"G", 3 * REQUEST_S)


def test_a_body_that_never_ends_is_refused_and_closed(place: tuple[str, int]) -> None:
    with socket.create_connection(place) as slow:
        slow.sendall(
            b"POST /chat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b"Content-Length: 1000\r\n\r\n{"
        )
        slow.settimeout(10)
        assert slow.recv(65_536).startswith(b"HTTP/1.1 408")
        assert drip(slow, b" ", 3 * REQUEST_S)


def test_an_answer_may_take_longer_than_a_request(place: tuple[str, int]) -> None:
    address = "http://{}:{}".format(*place)
    reply = httpx2.post(f"{address}/chat", json={"message": "slow"}, timeout=30)
    assert reply.json() == {"response": "result = 1"}
    with socket.create_connection(place) as steady:
        for _ in range(3):
            steady.sendall(HEAD + b"\r\n")
            steady.settimeout(5)
            assert b"200 OK" in steady.recv(65_536)
            time.sleep(0.6 * REQUEST_S)


def test_who_does_not_read_the_replies_is_closed(place: tuple[str, int]) -> None:
    with socket.socket() as lazy:
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lazy.connect(place)
        lazy.settimeout(10)
        ask = b"GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        end = time.monotonic() + 20
        with pytest.raises((ConnectionError, TimeoutError)) as told:
            while time.monotonic() < end:
                lazy.sendall(ask)
                time.sleep(0.01)
        assert not isinstance(told.value, TimeoutError), "nothing more is read, but it is kept open"


def test_there_is_an_end_to_how_many_are_open(tmp_path: Path) -> None:
    settings = CopilotSettings(model="script", variant="schema")
    app = create_app(settings, scripted(tmp_path, "answers: []"))
    most = server_config(app, settings).limit_concurrency
    assert most is not None and 0 < most <= resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2


def test_beyond_the_limit_it_says_503_and_then_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_MOST", 3)
    monkeypatch.setattr(connections, "_TO_BE_TOLD", 2)
    with serving(tmp_path, ANSWERS) as address, ExitStack() as opened:
        found = urlsplit(address)
        for _ in range(4):
            opened.enter_context(socket.create_connection((found.hostname, found.port)))
        time.sleep(0.2)
        with socket.create_connection((found.hostname, found.port)) as told:
            told.sendall(HEAD + b"\r\n")
            told.settimeout(5)
            assert told.recv(65_536).startswith(b"HTTP/1.1 503")
            with socket.create_connection((found.hostname, found.port)) as one_more:
                assert is_closed(one_more, 2)
