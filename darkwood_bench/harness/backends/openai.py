"""Servers that speak OpenAI's chat completions: vLLM, Ollama, llama-server, or a hosted one.

This process is only its client. The first request, before any that is timed, is one of our own: it
shows that server, key and model are there, and has the server load what it loads late.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import ValidationError

from darkwood_bench.harness.backends import (
    BackendError,
    Completion,
    Done,
    Engine,
    Request,
    answer_side_by_side,
)
from darkwood_bench.harness.decoding import Decoding
from darkwood_bench.harness.entries import ServerSpec
from darkwood_bench.harness.server_entry import Server

if TYPE_CHECKING:
    from darkwood_bench.harness.backends.openai_client import Client
    from darkwood_bench.harness.backends.openai_fleet import Fleet

_PLAIN_SAMPLING: dict[str, dict[str, Any]] = {
    "openai": {},
    "llama.cpp": {"top_k": 0, "min_p": 0.0, "repeat_penalty": 1.0},
    "vllm": {"top_k": -1, "min_p": 0.0, "repetition_penalty": 1.0},
}
"""What switches off the defaults of a server's own, or of a model's file of them."""
_FIRST_TOKENS = 16


class OpenAI:
    """One model of one server, or of several that have the same."""

    name: ClassVar[str] = "openai"
    packages: ClassVar[tuple[str, ...]] = ("httpx2",)
    constrains: ClassVar[bool] = True

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._server: Server | None = None
        self._client: Client | Fleet | None = None

    @property
    def version(self) -> str:
        """The version of the requests that are sent, and how many are sent at once; the server's
        own is not known here."""
        return "1" if self.engine.mode == "sequential" else f"1 ({self.slots} at once)"

    @property
    def slots(self) -> int:
        """As many requests as the registry's entry lets be in flight, at all its servers."""
        return 1 if self.engine.mode == "sequential" else self.engine.concurrency or 1

    @staticmethod
    def has_cuda() -> bool:
        """Never: whatever the server has, it is not ours."""
        return False

    def prepared(self, weights: Path) -> bool:
        """Always: the server has its weights."""
        return True

    def prepare(self, weights: Path) -> None:
        """Nothing is derived."""

    def load(self, weights: Path) -> None:
        """Read the entry and ask the server something, so that it is there and has its weights."""
        from darkwood_bench.harness.backends.openai_client import Client
        from darkwood_bench.harness.backends.openai_fleet import Fleet

        try:
            server = ServerSpec.model_validate_json(weights.read_bytes()).server
        except (OSError, ValidationError) as error:
            raise BackendError(f"{weights}: no entry of a server ({error})") from error
        self._server, key = server, _key(server)
        decoding = Decoding(max_tokens=_FIRST_TOKENS, context=self.engine.context, threads=1)
        first = Request(({"role": "user", "content": "Say hello."},), decoding)
        if not server.replicas:
            self._client = Client(server, key, connections=self.slots)
            self.generate(first)
            return
        each = [server.model_copy(update={"base_url": url}) for url in server.addresses]
        self._client = Fleet(each, key, at_once=max(1, self.slots // len(each)))
        self._client.greet(request_body(server, first))

    def generate(self, request: Request) -> Completion:
        """Answer one request; waiting for the rate limit and for new tries is part of its time."""
        assert self._server is not None
        assert self._client is not None
        return self._client.complete(request_body(self._server, request), request.limit_s)

    def generate_many(self, requests: Sequence[Request], done: Done) -> None:
        """Each on a thread of its own, as many as there are slots."""
        answer_side_by_side(self.generate, requests, self.slots, done)

    def allocated_peak_bytes(self) -> int | None:
        """The server's memory is not seen."""
        return None

    def reset(self) -> None:
        """What the server keeps of earlier prompts is its own affair."""

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()
            self._client = None


def _key(server: Server) -> str | None:
    if server.api_key_env is None:
        return None
    key = os.environ.get(server.api_key_env, "").strip()
    if not key:
        raise BackendError(
            f"the environment variable {server.api_key_env} has no key for {server.base_url}; "
            "set it, or take api_key_env out of the model's entry"
        )
    if not re.fullmatch(r"[!-~]+", key):
        raise BackendError(f"{server.api_key_env} has characters that no key has; set it anew")
    return key


def request_body(server: Server, request: Request) -> dict[str, Any]:
    """The JSON of one request. Raises BackendError for a grammar that the server does not take."""
    decoding = request.decoding
    body: dict[str, Any] = {
        "model": server.model,
        "messages": [dict(message) for message in request.messages],
        server.max_tokens_field: decoding.max_tokens,
        "temperature": decoding.temperature,
        "top_p": 1.0,
        "seed": decoding.seed,
        "stop": list(decoding.stop) or None,
        "stream": server.stream,
        "stream_options": {"include_usage": True} if server.stream else None,
        **_PLAIN_SAMPLING[server.dialect],
    }
    known = server.grammar != "none" or request.grammar_needed
    if request.grammar is not None and known:
        body |= _grammar(server, request.grammar)
    return {name: value for name, value in (body | server.body).items() if value is not None}


def _grammar(server: Server, grammar: str) -> dict[str, Any]:
    match server.grammar:
        case "llama.cpp":
            return {"grammar": grammar}
        case "vllm":
            return {"structured_outputs": {"grammar": grammar}}
        case "guided":
            return {"guided_grammar": grammar}
        case "none":
            raise BackendError(
                f"{server.base_url} is not known to take grammars; say how it does in "
                "server.grammar, or take a prompt variant without one"
            )
