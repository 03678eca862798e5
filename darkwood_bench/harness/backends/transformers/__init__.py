"""transformers and torch: GGUF files, and folders as the hub has them, on CUDA or the CPU.

Decoding is our own, pass by pass (`stepping`), over a store of keys and values (`slots`): prompts
share what they begin with, guesses are looked up in the text (`lookup`), grammars are followed
(`grammars`), many requests go at once (`continuous`). On CUDA, passes are recorded as graphs
(`recording`) and, for one request at a time, compiled (`compiling`). Models whose state is more
than keys and values are answered by transformers' `generate` (`reference`).
"""

import gc
import time
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

from darkwood_bench.harness.backends import (
    BackendError,
    Completion,
    Done,
    Engine,
    Request,
    Watch,
    refuse_many,
)
from darkwood_bench.harness.backends.transformers import number_formats
from darkwood_bench.harness.backends.transformers.libraries import (
    can_compile,
    installed_version,
    torch_module,
)

_ROWS = {"cpu": 8, "cuda": 64}
"""Requests at once. Weights are read once a pass whatever the rows, until arithmetic is the limit:
on a CPU soon, on a GPU late."""


class Transformers:
    """One causal language model."""

    name: ClassVar[str] = "transformers"
    packages: ClassVar[tuple[str, ...]] = (
        "transformers",
        "torch",
        "tokenizers",
        "safetensors",
        "gguf",
        "llguidance",
        "torchao",
        "bitsandbytes",
    )
    constrains: ClassVar[bool] = True

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._loaded: Any = None
        self._stepper: Any = None
        self._grammars: Any = None

    @property
    def version(self) -> str:
        """Versions of transformers and torch, the numbers computed in, and the way of decoding."""
        parts = [
            f"torch {installed_version('torch')}",
            number_formats.format_label(self.engine),
            "sdpa",
        ]
        if self.engine.device == "cuda":
            parts.append("cuda graphs, compiled" if self._compiles else "cuda graphs")
        if self.slots > 1:  # sums are rounded otherwise in a pass over more rows
            parts.append(f"{self.slots} rows")
        return f"{installed_version('transformers')} ({', '.join(parts)})"

    @property
    def slots(self) -> int:
        """Rows of the store."""
        return 1 if self.engine.mode == "sequential" else _ROWS[self.engine.device]

    @property
    def _compiles(self) -> bool:
        """Launches are what holds up one request; a batch has enough to do."""
        one = self.engine.mode == "sequential"
        return one and self.engine.device == "cuda" and can_compile()

    @staticmethod
    def has_cuda() -> bool:
        """Whether torch is there and not one of its builds for the CPU alone."""
        return find_spec("torch") is not None and not version("torch").endswith("+cpu")

    def prepared(self, weights: Path) -> bool:
        """Whether a GGUF has been unpacked; a folder needs nothing."""
        return weights.is_dir() or self._unpacked.exists()

    def prepare(self, weights: Path) -> None:
        """Unpack a GGUF into the cache. Takes the memory of two unpacked models."""
        from darkwood_bench.harness.backends.transformers.unpacking import unpack

        if not weights.is_dir():
            unpack(weights, self._unpacked, self._unpacked.name)

    @property
    def _unpacked(self) -> Path:
        return self.engine.cache / self.engine.dtype

    def load(self, weights: Path) -> None:
        """Read the folder, or what `prepare` made of the GGUF, and warm up."""
        from darkwood_bench.harness.backends.transformers.attention import has_plain_attention
        from darkwood_bench.harness.backends.transformers.grammars import Grammars
        from darkwood_bench.harness.backends.transformers.loading import read_folder
        from darkwood_bench.harness.backends.transformers.passes import stepper_for

        folder = weights if weights.is_dir() else self._unpacked
        self._loaded = read_folder(folder, self.engine)
        self._grammars = Grammars(self._loaded.tokenizer, self._loaded.ends)
        if has_plain_attention(self._loaded.model):
            self._stepper = stepper_for(
                self._loaded.model, self.engine, self.slots, compiles=self._compiles
            )
        self.reset()

    def generate(self, request: Request) -> Completion:
        """Answer through the model's chat template."""
        return self.generate_watched(request, None)

    def generate_watched(self, request: Request, watch: Watch | None) -> Completion:
        """The same, one at a time; models of other architectures' answers go on to their end."""
        from darkwood_bench.harness.backends.transformers.reference import generate_reference
        from darkwood_bench.harness.backends.transformers.sequential import answer_one

        answer, chooser = self._begin(request)
        answer.watch = watch
        if self._stepper is None:
            generate_reference(self._loaded, answer, request.decoding)
        else:
            answer_one(self._stepper, answer, chooser)
        return answer.completion()

    def generate_many(self, requests: Sequence[Request], done: Done) -> None:
        """Answer these in one batch that is filled up as answers end."""
        from darkwood_bench.harness.backends.transformers.continuous import Running, answer_many

        if self.slots == 1:
            raise refuse_many(self.name)

        def begin(number: int) -> Running | None:
            try:
                return Running(number, *self._begin(requests[number]))
            except BackendError as error:
                done(number, error)
                return None

        def ended(one: Running) -> None:
            done(one.number, one.error or one.answer.completion())

        if self._stepper is not None:
            answer_many(self._stepper, len(requests), begin, ended)
            return
        for number, request in enumerate(requests):
            try:
                done(number, self.generate(request))
            except BackendError as error:
                done(number, error)

    def _begin(self, request: Request) -> tuple[Any, Any]:
        """The request's answer, empty so far, and who chooses its tokens."""
        from darkwood_bench.harness.backends.transformers.answers import Answer
        from darkwood_bench.harness.backends.transformers.choosing import Chooser
        from darkwood_bench.harness.backends.transformers.loading import prompt_tokens

        started = time.perf_counter()
        constraint = None
        if request.grammar is not None:
            if self._stepper is None:
                raise BackendError(
                    f"{type(self._loaded.model).__name__} is answered by transformers' generate, "
                    "which follows no grammar; take a prompt variant without one"
                )
            constraint = self._grammars.constraint(request.grammar)
        answer = Answer(
            prompt_tokens(self._loaded.tokenizer, request.messages),
            request.decoding,
            self._loaded.tokenizer,
            self._loaded.ends,
            self.engine.context,
            started,
        )
        return answer, Chooser(request.decoding, constraint)

    def allocated_peak_bytes(self) -> int | None:
        """Peak of what torch's allocator gave out on the GPU since `load` or `reset`."""
        if self.engine.device != "cuda":
            return None
        return int(torch_module().cuda.max_memory_allocated())

    def reset(self) -> None:
        """Nothing of earlier prompts is reused, and the allocator's peak begins anew."""
        if self._stepper is not None:
            self._stepper.slots.forget()
        if self.engine.device == "cuda":
            torch_module().cuda.reset_peak_memory_stats()

    def close(self) -> None:
        """Free the model and its store."""
        self._loaded = self._stepper = self._grammars = None
        gc.collect()
