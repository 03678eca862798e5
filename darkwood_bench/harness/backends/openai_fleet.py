"""Several servers of one model, asked as one: each request goes to the one with the most room.

A server that fails is left out, and looked after until it answers again; what it was asked goes to
another. One that is busy (429, 503) is given fewer requests at once and earns more back, one each
round: additive increase, multiplicative decrease (Chiu and Jain, Computer Networks 17, 1989).
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import httpx2

from darkwood_bench.harness.backends import BackendUnavailable, Completion
from darkwood_bench.harness.backends.openai_client import Again, Client, Clock
from darkwood_bench.harness.backends.openai_reply import Broken
from darkwood_bench.harness.backends.openai_retry import backoff_s
from darkwood_bench.harness.server_entry import Server

LOOK_EVERY_S = 2.0
"""How often a server that is left out is asked whether it is there again."""
NONE_LEFT_S = 60.0
"""How long a request waits while no server is there, before it fails."""
_TURN_S = 0.5


@dataclass(eq=False)
class Endpoint:
    """One server, and how it is doing."""

    url: str
    client: Client
    most: int
    """Requests that it is given at once at most."""
    room: float = 0.0
    """The same at present; at least 1."""
    in_flight: int = 0
    down: str | None = None
    """Why it is left out."""
    refuses: bool = False
    """Whether it is left out for good: for its key, or an address that has no such model."""
    free_at: float = 0.0
    """From when on it may be asked again, by `time.monotonic`."""

    def __post_init__(self) -> None:
        self.room = float(self.most)

    def has_room(self, now: float) -> bool:
        """Whether a request can begin there."""
        return self.down is None and now >= self.free_at and self.in_flight < int(self.room)

    def answered(self) -> None:
        """An answer came."""
        self.room = min(float(self.most), self.room + 1 / self.room)

    def was_busy(self, rest_s: float) -> None:
        """It asked to be given less."""
        self.room = max(1.0, self.room / 2)
        self.free_at = time.monotonic() + rest_s


@dataclass
class Fleet:
    """The servers of one entry. `complete` may be called from several threads."""

    servers: Sequence[Server]
    """One for each address."""
    key: str | None
    at_once: int
    """Requests to each of them."""
    endpoints: list[Endpoint] = field(init=False)

    def __post_init__(self) -> None:
        self.endpoints = [
            Endpoint(server.base_url, Client(server, self.key, self.at_once), self.at_once)
            for server in self.servers
        ]
        self._changed = threading.Condition()
        self._closed = threading.Event()
        self._nurse = threading.Thread(target=self._look_after, daemon=True)
        self._nurse.start()

    def greet(self, body: dict[str, Any]) -> None:
        """Have each server answer something; those that do not are left out.

        Raises BackendUnavailable where none does, and BackendError where one refuses the request.
        """
        for endpoint in self.endpoints:
            try:
                endpoint.client.complete(body)
            except BackendUnavailable as error:
                endpoint.down = str(error)
        if all(endpoint.down for endpoint in self.endpoints):
            raise BackendUnavailable(self._why())

    def complete(self, body: dict[str, Any], limit_s: float | None = None) -> Completion:
        """Send one request until a server answers it, at most `tries` times and `limit_s` seconds.

        Its time counts from the first try. Raises as `Client.complete` does.
        """
        clock = Clock(time.perf_counter(), limit_s)
        failed: list[Endpoint] = []
        while True:
            endpoint = self._take(failed[-1] if failed else None, clock)
            try:
                answer = endpoint.client.once(body, clock)
            except (Again, Broken, httpx2.TransportError, BackendUnavailable) as error:
                clock.check()
                self._note(endpoint, error)
                failed.append(endpoint)
                if len(failed) >= endpoint.client.tries:
                    raise BackendUnavailable(
                        f"{self._why()} (tried {len(failed)} times)"
                    ) from error
            else:
                with self._changed:
                    endpoint.answered()
                failed_at = tuple(each.url for each in failed)
                return replace(answer, endpoint=endpoint.url, failed_at=failed_at)
            finally:
                with self._changed:
                    endpoint.in_flight -= 1
                    self._changed.notify_all()
            if not self._has_another(endpoint):
                time.sleep(min(backoff_s(len(failed)), clock.left_s))

    def close(self) -> None:
        """Close the connections."""
        self._closed.set()
        self._nurse.join()
        for endpoint in self.endpoints:
            endpoint.client.close()

    def _take(self, last: Endpoint | None, clock: Clock) -> Endpoint:
        """The server with the most room, and not the last that failed if there is another."""
        gone_since: float | None = None
        with self._changed:
            while True:
                clock.check()
                now = time.monotonic()
                free = [endpoint for endpoint in self.endpoints if endpoint.has_room(now)]
                if free:
                    chosen = min(free, key=lambda each: (each is last, each.in_flight / each.room))
                    chosen.in_flight += 1
                    return chosen
                if any(endpoint.down is None for endpoint in self.endpoints):
                    gone_since = None
                else:
                    gone_since = gone_since or now
                    if now - gone_since > NONE_LEFT_S or all(e.refuses for e in self.endpoints):
                        raise BackendUnavailable(self._why())
                self._changed.wait(_TURN_S)

    def _note(self, endpoint: Endpoint, error: Exception) -> None:
        with self._changed:
            if isinstance(error, Again):
                endpoint.was_busy(error.after_s or backoff_s(1))
            else:
                endpoint.down = f"{endpoint.url}: {error or type(error).__name__}"
                endpoint.refuses = isinstance(error, BackendUnavailable)

    def _has_another(self, endpoint: Endpoint) -> bool:
        return any(each.down is None for each in self.endpoints if each is not endpoint)

    def _why(self) -> str:
        reasons = [each.down or f"{each.url}: busy" for each in self.endpoints]
        return f"no server answers: {'; '.join(reasons)}"

    def _look_after(self) -> None:
        """Let servers back in that answer again, with room for one request at first."""
        while not self._closed.wait(LOOK_EVERY_S):
            for endpoint in self.endpoints:
                if endpoint.down and not endpoint.refuses and endpoint.client.is_healthy():
                    with self._changed:
                        endpoint.down, endpoint.room = None, 1.0
                        self._changed.notify_all()
