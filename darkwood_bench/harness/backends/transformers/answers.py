"""One request under way: its tokens so far, and where its answer ends."""

import time
from collections.abc import Sequence
from typing import Any, Literal

from darkwood_bench.harness.backends import Completion, Interrupted, PromptTooLong, Watch
from darkwood_bench.harness.decoding import Decoding
from darkwood_bench.harness.fences import end_of_code

_PER_CHARACTER = 4
"""Tokens that a character can be made of: one for each of its bytes."""
_FENCE_TOKENS = 5
"""Tokens that hold a fence and the end of its line."""


class Answer:
    """The answer to one prompt, token by token."""

    def __init__(
        self,
        prompt: Sequence[int],
        decoding: Decoding,
        tokenizer: Any,
        ends: Sequence[int],
        context: int,
        started: float,
    ) -> None:
        """`started` is the time.perf_counter() of the request.

        Raises PromptTooLong where the context has no room for a token after the prompt.
        """
        if len(prompt) >= context:
            raise PromptTooLong(
                f"request ({len(prompt)} tokens) exceeds the available context size "
                f"({context} tokens)"
            )
        self.prompt = list(prompt)
        self.tokens: list[int] = []
        self.cached = 0
        """Tokens of the prompt whose keys and values were there."""
        self.finish: Literal["stop", "length"] | None = None
        self.room = min(decoding.max_tokens, context - len(prompt))
        """Tokens that it can have at most."""
        self._stops = [stop for stop in decoding.stop if stop]
        longest = max((len(stop) for stop in self._stops), default=0)
        self._tail = max(_PER_CHARACTER * longest + 1, _FENCE_TOKENS)
        self._tokenizer = tokenizer
        self._ends = frozenset(ends)
        self.started = started
        self.watch: Watch | None = None
        self.first_s = 0.0
        """Seconds from the start to the first token."""

    @property
    def sequence(self) -> list[int]:
        """Prompt and answer."""
        return self.prompt + self.tokens

    def take(self, token: int) -> bool:
        """The next token; whether the answer ends with it. Raises Interrupted if it is given up."""
        if self.watch is not None and self.watch(len(self.tokens)):
            raise Interrupted("given up")
        if not self.tokens:
            self.first_s = time.perf_counter() - self.started
        self.tokens.append(token)
        if token in self._ends or self._ends_at(self._decoded(self.tokens[-self._tail :])):
            self.finish = "stop"
        elif len(self.tokens) >= self.room:
            self.finish = "length"
        return self.finish is not None

    def end(self) -> None:
        """Nothing can follow: a grammar is fulfilled."""
        self.finish = "stop"

    def completion(self) -> Completion:
        """What is told of it, once it has ended."""
        assert self.finish is not None
        text = self._decoded(self.tokens)
        cuts = [cut for cut in (self._stop_at(text), end_of_code(text)) if cut is not None]
        return Completion(
            text=text[: min(cuts, default=len(text))],
            prompt_tokens=len(self.prompt),
            cached_tokens=self.cached,
            completion_tokens=len(self.tokens),
            ttft_s=self.first_s,
            finish_reason=self.finish,
        )

    def _decoded(self, tokens: list[int]) -> str:
        return self._tokenizer.decode(tokens, skip_special_tokens=True)

    def _ends_at(self, tail: str) -> bool:
        """Whether the answer ends in its `tail`: with a stop string, or a fence around its code."""
        if self._stop_at(tail) is not None:
            return True
        fenced = "``" in tail or "~~" in tail
        return fenced and end_of_code(self._decoded(self.tokens)) is not None

    def _stop_at(self, text: str) -> int | None:
        """Where the first of the stop strings begins."""
        return min((at for stop in self._stops if (at := text.find(stop)) >= 0), default=None)
