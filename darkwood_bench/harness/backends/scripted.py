"""Answers read from a file: a real provider, in its own process, that needs no weights.

The file is YAML or JSON: `answers`, a list of entries with `match` (a substring of the last user
message; the first entry that matches answers; without `match` it always does) and `text` (or a list
of them, for as many times that it is asked; the last one stays), and optionally `delay_s` (seconds
before the first token), `memory_mb` (taken for as long) or `crash: true` (the process kills
itself).
A token is a word with the white space before it.
"""

import os
import re
import signal
import time
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar

import yaml

from darkwood_bench.harness.backends import (
    BackendError,
    Completion,
    Done,
    Engine,
    Interrupted,
    PromptTooLong,
    Request,
    Watch,
    answer_side_by_side,
)
from darkwood_bench.harness.fences import end_of_code

_SLOTS = 4
_LOOK_S = 0.05
_FIELDS = {"match", "text", "delay_s", "memory_mb", "crash"}


class Scripted:
    """Answers of a file, by substring of the question."""

    name: ClassVar[str] = "scripted"
    packages: ClassVar[tuple[str, ...]] = ()
    constrains: ClassVar[bool] = False

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._answers: list[dict[str, Any]] = []
        self._seen: list[str] = []
        self._turn = Lock()

    @property
    def version(self) -> str:
        """The version of the file format."""
        return "1"

    @property
    def slots(self) -> int:
        """As many answers as wait out their delays beside one another."""
        return 1 if self.engine.mode == "sequential" else _SLOTS

    @staticmethod
    def has_cuda() -> bool:
        """Never: words come out of a file."""
        return False

    def prepared(self, weights: Path) -> bool:
        """Always: the file is read as it is."""
        return True

    def prepare(self, weights: Path) -> None:
        """Nothing is derived."""

    def load(self, weights: Path) -> None:
        """Read the answers."""
        try:
            answers = yaml.safe_load(weights.read_text())["answers"]
        except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
            raise BackendError(f"{weights}: no list `answers` to read ({error!r})") from error
        if not isinstance(answers, list):
            raise BackendError(f"{weights}: answers: is not a list")
        for number, answer in enumerate(answers):
            if not isinstance(answer, dict) or not answer.keys() <= _FIELDS:
                raise BackendError(
                    f"{weights}: answers.{number}: has fields other than {sorted(_FIELDS)}"
                )
        self._answers = answers

    def generate(self, request: Request) -> Completion:
        """The first answer that matches, cut as the request says, and after its code."""
        return self.generate_watched(request, lambda _: False)

    def generate_watched(self, request: Request, watch: Watch) -> Completion:
        """The same; what is given up ends during its delay."""
        started = time.perf_counter()
        users = [message["content"] for message in request.messages if message["role"] == "user"]
        question = users[-1] if users else ""
        prompt = [token for message in request.messages for token in _tokens(message["content"])]
        if len(prompt) >= self.engine.context:
            raise PromptTooLong(
                f"request ({len(prompt)} tokens) exceeds the context size "
                f"({self.engine.context} tokens)"
            )
        answer = self._answer(question)
        memory = bytearray(answer.get("memory_mb", 0) * 1_000_000)
        until = started + answer.get("delay_s", 0)
        while (left := until - time.perf_counter()) > 0:
            if watch(0):
                raise Interrupted("given up")
            time.sleep(min(left, _LOOK_S))
        del memory
        if answer.get("crash"):
            os.kill(os.getpid(), signal.SIGKILL)
        with self._turn:
            pairs = zip(prompt, self._seen, strict=False)
            cached = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
            self._seen = prompt
        tokens = _tokens(self._text(answer))
        text = "".join(tokens[: request.decoding.max_tokens])
        cut = min(
            (at for stop in request.decoding.stop if (at := text.find(stop)) >= 0), default=-1
        )
        stopped = cut >= 0 or len(tokens) <= request.decoding.max_tokens
        text = text if cut < 0 else text[:cut]
        if (end := end_of_code(text)) is not None:
            text, stopped = text[:end], True
        return Completion(
            text=text,
            prompt_tokens=len(prompt),
            cached_tokens=cached,
            completion_tokens=len(_tokens(text)),
            ttft_s=time.perf_counter() - started,
            finish_reason="stop" if stopped else "length",
        )

    def generate_many(self, requests: Sequence[Request], done: Done) -> None:
        """Each on a thread of its own, as many as there are slots."""
        answer_side_by_side(self.generate, requests, self.slots, done)

    def allocated_peak_bytes(self) -> int | None:
        """No GPU, so no count."""
        return None

    def _answer(self, question: str) -> dict[str, Any]:
        for answer in self._answers:
            if answer.get("match", "") in question:
                return answer
        raise BackendError(f"no answer matches the question {question[:80]!r}")

    def _text(self, answer: dict[str, Any]) -> str:
        text = answer.get("text", "")
        if isinstance(text, str):
            return text
        with self._turn:
            return text.pop(0) if len(text) > 1 else text[0]

    def reset(self) -> None:
        """Nothing of earlier prompts counts as cached."""
        self._seen = []

    def close(self) -> None:
        """Nothing is held."""


def _tokens(text: str) -> list[str]:
    return re.findall(r"\s*\S+|\s+$", text)
