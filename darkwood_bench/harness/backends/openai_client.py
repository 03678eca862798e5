"""Requests over HTTP, sent again where that can help. Keys go out in a header and nowhere else."""

import json
import math
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2

from darkwood_bench.harness.backends import (
    BackendError,
    BackendUnavailable,
    Completion,
    PromptTooLong,
)
from darkwood_bench.harness.backends.openai_reply import (
    Answer,
    Broken,
    ServerError,
    event,
    json_object,
    message_of,
    says_too_long,
)
from darkwood_bench.harness.backends.openai_retry import AGAIN, Pace, backoff_s, retry_after_s
from darkwood_bench.harness.hardware import is_loopback
from darkwood_bench.harness.server_entry import Server

CONNECT_S = 10.0
LONGEST_REST_S = 300.0
"""A server that wants a longer rest than this has closed for the day: its quota is used up."""
_JUDGED = (400, 413, 422)
_WORDS = 500
"""Characters of a server's words that are shown at most."""
"""Statuses that are about the request. Others that are no success are about the server or key."""


class Again(Exception):
    """A try that failed for a reason that may pass; `after_s` is the rest the server asked for."""

    def __init__(self, reason: str, after_s: float | None = None) -> None:
        super().__init__(reason)
        self.after_s = after_s


class OverTime(BackendError):
    """The server did not answer within the time that an answer may take."""

    kind = "timeout"


@dataclass(frozen=True)
class Clock:
    """The time of one request, all its tries together."""

    begun: float
    limit_s: float | None

    @property
    def left_s(self) -> float:
        """At least a moment, as a time to wait has to be."""
        if self.limit_s is None:
            return math.inf
        return max(0.001, self.begun + self.limit_s - time.perf_counter())

    def check(self) -> None:
        """Raises OverTime when it is over."""
        if self.limit_s is not None and time.perf_counter() - self.begun >= self.limit_s:
            raise OverTime(f"no answer within {self.limit_s:g} s; the server was left alone")


class Client:
    """One server's chat completions. `complete` may be called from several threads."""

    def __init__(self, server: Server, key: str | None, connections: int) -> None:
        self._server = server
        self._key = key
        self._pace = Pace(server.requests_per_minute)
        self._http = httpx2.Client(
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=httpx2.Timeout(server.timeout_s, connect=CONNECT_S, pool=None),
            limits=httpx2.Limits(max_connections=connections),
            # A proxy of the environment is for what is not on this machine.
            trust_env=not is_loopback(urlsplit(server.base_url).hostname),
        )

    def complete(self, body: dict[str, Any], limit_s: float | None = None) -> Completion:
        """Send one request until it is answered, at most `tries` times and `limit_s` seconds.

        Raises PromptTooLong; OverTime; BackendUnavailable when the server, the key or the network
        is at fault; BackendError for another refusal.
        """
        begun = time.perf_counter()
        clock = Clock(begun, limit_s)
        failures = 0
        while True:
            try:
                return self.once(body, clock)
            except (Again, Broken, httpx2.TransportError) as error:
                clock.check()
                failures += 1
                self._before_next_try(error, failures)
                clock.check()

    def once(self, body: dict[str, Any], clock: Clock) -> Completion:
        """Send a request one time, as part of the time that `clock` keeps.

        Raises as `complete` does, and Again, Broken or httpx2.TransportError where another try, or
        another server, may help.
        """
        self._pace.wait()
        clock.check()
        return self._once(body, clock)

    def is_healthy(self) -> bool:
        """Whether the server lists its models, which it does once it can answer."""
        try:
            reply = self._http.get(f"{self._server.base_url}/models", timeout=CONNECT_S)
        except httpx2.TransportError:
            return False
        return reply.status_code == 200

    @property
    def tries(self) -> int:
        """How often one request is sent at most."""
        return self._server.tries

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _before_next_try(self, error: Exception, failures: int) -> None:
        """Wait, or raise BackendUnavailable when it is enough."""
        reason = f"{self._server.base_url}: {_words(error)}"
        after_s = error.after_s if isinstance(error, Again) else None
        if after_s is not None and after_s > LONGEST_REST_S:
            raise self._unavailable(f"{reason}; it asks to be left alone for {after_s:.0f} s")
        if failures >= self._server.tries:
            raise self._unavailable(f"{reason} (tried {failures} times)")
        if after_s is not None:
            self._pace.rest(after_s)  # for all threads: it is the server that is busy
        time.sleep((after_s or 0.0) + backoff_s(failures))

    def _once(self, body: dict[str, Any], clock: Clock) -> Completion:
        answer = Answer(clock.begun)
        url = f"{self._server.base_url}/chat/completions"
        silence_s = min(self._server.timeout_s, clock.left_s)
        timeout = httpx2.Timeout(silence_s, connect=min(CONNECT_S, silence_s), pool=None)
        with self._http.stream("POST", url, json=body, timeout=timeout) as response:
            if response.status_code != 200:
                raise self._refusal(response)
            try:
                if body.get("stream"):
                    for line in response.iter_lines():
                        clock.check()
                        if (chunk := event(line)) is not None:
                            answer.take(chunk)
                else:
                    answer.take(json_object(response.read()))
            except ServerError as error:
                raise self._judged(error.body, _status(error.body)) from error
        return answer.completion()

    def _refusal(self, response: httpx2.Response) -> Exception:
        text = response.read().decode(errors="replace")
        try:
            body = json.loads(text)
        except ValueError:
            body = text
        after_s = retry_after_s(response.headers, time.time())
        return self._judged(body, response.status_code, after_s)

    def _judged(self, body: Any, status: int, after_s: float | None = None) -> Exception:
        """What an error reply means."""
        words = f"HTTP {status}: {message_of(body)}"
        if status in AGAIN:
            return Again(words, after_s)
        if status in _JUDGED:
            if says_too_long(body):
                return PromptTooLong(self._without_key(message_of(body)))
            return BackendError(self._without_key(f"{self._server.base_url} refuses: {words}"))
        hint = ""
        if status in (401, 403):
            name = self._server.api_key_env
            hint = f"; is the key in {name} right?" if name else "; give api_key_env in its entry"
        elif status == 404:
            hint = "; are base_url and model right?"
        elif 300 <= status < 400:
            hint = "; base_url is elsewhere, or wants https"
        return self._unavailable(f"{self._server.base_url}: {words}{hint}")

    def _unavailable(self, reason: str) -> BackendUnavailable:
        return BackendUnavailable(self._without_key(reason))

    def _without_key(self, text: str) -> str:
        """Servers quote what they do not like, and at length."""
        return (text.replace(self._key, "***") if self._key else text)[:_WORDS]


def _status(body: Any) -> int:
    """The status that an error inside a stream would have had: 500 where it does not say."""
    error = body.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) else 400 if says_too_long(body) else 500


def _words(error: Exception) -> str:
    if isinstance(error, httpx2.TimeoutException):
        return f"no answer in time ({type(error).__name__})"
    return str(error) or type(error).__name__
