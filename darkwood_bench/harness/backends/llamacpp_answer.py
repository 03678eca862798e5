"""One streamed answer of llama.cpp's server object, put together and ended at its code."""

import time
from typing import Any

from darkwood_bench.harness.backends import (
    BackendError,
    Completion,
    Interrupted,
    PromptTooLong,
    Watch,
)
from darkwood_bench.harness.fences import end_of_code


class Answer:
    """Takes the chunks of one answer as they come."""

    def __init__(self, watch: Watch | None = None) -> None:
        self.text = ""
        self._watch = watch
        self._given_up = False
        self.error: dict[str, Any] | None = None
        self._started = time.perf_counter()
        self._first: float | None = None
        self._ended = False
        self._finish: str | None = None
        self._timings: dict[str, Any] = {}

    def take(self, chunk: dict[str, Any]) -> bool:
        """Add a chunk; True stops the generation."""
        if "error" in chunk:
            self.error = chunk["error"]
            return True
        self._timings = chunk.get("timings") or self._timings
        for choice in chunk["choices"]:
            self._finish = choice["finish_reason"] or self._finish
            if content := choice["delta"].get("content"):
                if self._first is None:
                    self._first = time.perf_counter()
                self._add(content)
        if self._watch is not None and self._watch(self._timings.get("predicted_n", 0)):
            self._given_up = True
        return self._ended or self._given_up

    def completion(self) -> Completion:
        """Raises PromptTooLong or BackendError when the server refused the request, Interrupted
        for an answer that was given up."""
        if self.error is not None:
            too_long = self.error.get("type") == "exceed_context_size_error"
            raise (PromptTooLong if too_long else BackendError)(self.error.get("message"))
        if self._given_up and not self._ended:
            raise Interrupted("given up")
        finish = "stop" if self._ended else self._finish
        if finish not in ("stop", "length") or not self._timings:
            raise BackendError(f"llama.cpp ended the answer without a reason ({finish})")
        cached = self._timings["cache_n"]
        return Completion(
            text=self.text,
            prompt_tokens=cached + self._timings["prompt_n"],
            cached_tokens=cached,
            completion_tokens=self._timings["predicted_n"],
            ttft_s=(self._first or time.perf_counter()) - self._started,
            finish_reason=finish,
        )

    def _add(self, content: str) -> None:
        if self._ended:  # a step of speculation brings several tokens
            return
        self.text += content
        # A fence can end only where a mark or a line does.
        if any(mark in content for mark in "`~\n") and (end := end_of_code(self.text)) is not None:
            self.text = self.text[:end]
            self._ended = True
