"""llama.cpp in this process, through xllamacpp: GGUF weights, asked without HTTP.

Each slot keeps the tokens of its last prompt and answer, and reads of the next prompt only what
follows the longest common beginning; a request goes to the free slot that has most of it.
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar

from darkwood_bench.harness.backends import (
    BackendError,
    Completion,
    Done,
    Engine,
    Request,
    Watch,
    answer_side_by_side,
)
from darkwood_bench.harness.backends.llamacpp_answer import Answer
from darkwood_bench.harness.backends.llamacpp_grammar import fault, heard
from darkwood_bench.harness.decoding import Decoding

BATCHED_SLOTS = 8
"""Requests at once in batched mode. On 2 cores a pass over 8 tokens costs 3.1 x one over 1, so that
a token costs 0.39 x as much; with 16 it would be 0.34 x, for twice the context in memory."""
_PROBE = "from darkwood_bench.harness.backends import llamacpp; print(llamacpp.sees_gpu())"


def sees_gpu() -> bool:
    """Whether llama.cpp finds a GPU. Makes a GPU context in this process, which stays."""
    devices = import_module("xllamacpp").get_device_info()
    return any("GPU" in str(device["type"]) for device in devices)


class LlamaCpp:
    """One GGUF file behind llama.cpp's own server object, asked without HTTP."""

    name: ClassVar[str] = "llamacpp"
    packages: ClassVar[tuple[str, ...]] = ("xllamacpp",)
    constrains: ClassVar[bool] = True

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._server: Any = None
        self._hearing = Lock()

    @property
    def version(self) -> str:
        """The version of xllamacpp, which is the date and build of its llama.cpp, and the slots."""
        try:
            installed = version("xllamacpp")
        except PackageNotFoundError as error:
            raise BackendError("xllamacpp is not installed; pip install xllamacpp") from error
        return installed if self.slots == 1 else f"{installed} ({self.slots} slots)"

    @property
    def slots(self) -> int:
        """One request at a time, or several that share each reading of the weights."""
        return 1 if self.engine.mode == "sequential" else BATCHED_SLOTS

    @staticmethod
    def has_cuda() -> bool:
        """Whether the installed wheel was built for GPUs: the one from PyPI is CPU only."""
        # In a process of its own, so that the context which the question makes goes away with it.
        command = [sys.executable, "-P", "-c", _PROBE]
        probe = subprocess.run(command, capture_output=True, text=True, timeout=120)
        return probe.stdout.strip().endswith("True")

    def prepared(self, weights: Path) -> bool:
        """Always: the file is read as it is."""
        return True

    def prepare(self, weights: Path) -> None:
        """Nothing is derived."""

    def load(self, weights: Path) -> None:
        """Map the GGUF into memory, make the context and warm it up."""
        xllamacpp = import_module("xllamacpp")  # compiled, and without type stubs
        if self.engine.device == "cuda" and not sees_gpu():
            raise BackendError("llama.cpp finds no GPU; install an xllamacpp wheel built for it")
        params = self._params(xllamacpp, weights)
        # The server object always listens somewhere: on a socket that nobody can reach once its
        # folder is gone, rather than on a port.
        with tempfile.TemporaryDirectory(prefix="darkwood-") as folder:
            params.hostnames = [f"{folder}/llama.sock"]
            try:
                self._server = xllamacpp.Server(params)
            except RuntimeError as error:
                raise BackendError(f"{weights}: llama.cpp could not load it") from error

    def _params(self, xllamacpp: Any, weights: Path) -> Any:
        params = xllamacpp.CommonParams()
        params.model.path = str(weights)
        # Every slot has a context of its own: attention then reads no other slot's tokens.
        params.n_parallel = self.slots
        params.n_ctx = self.engine.context * self.slots
        params.kv_unified = False
        params.cpuparams.n_threads = self.engine.threads
        params.cpuparams_batch.n_threads = self.engine.threads
        params.n_gpu_layers = 999 if self.engine.device == "cuda" else 0
        # The defaults would shrink the context to what is free and keep old prompts in up to 8 GB.
        params.fit_params = False
        params.cache_ram_mib = 0
        # The text as the model wrote it: no reasoning or tool-call parsing.
        params.reasoning_format = xllamacpp.common_reasoning_format.COMMON_REASONING_FORMAT_NONE
        params.force_pure_content_parser = True
        params.ui = False
        return params

    def generate(self, request: Request) -> Completion:
        """Answer through the chat template of the GGUF."""
        return self.generate_watched(request, None)

    def generate_watched(self, request: Request, watch: Watch | None) -> Completion:
        """The same; what is given up ends with its next token: not while its prompt is read."""
        answer = self._ask(_body(request), watch)
        if answer.error and request.grammar and "grammar" in str(answer.error.get("message")):
            with self._hearing:
                said = heard(lambda: self._ask(_body(request)))
            raise BackendError(fault(request.grammar, said))
        return answer.completion()

    def _ask(self, body: dict[str, Any], watch: Watch | None = None) -> Answer:
        answer = Answer(watch)
        try:
            self._server.handle_chat_completions(body, answer.take)
        except (RuntimeError, ValueError) as error:
            raise BackendError(f"llama.cpp refused the request: {error}") from error
        return answer

    def generate_many(self, requests: Sequence[Request], done: Done) -> None:
        """A thread for each slot; llama.cpp decodes what is in its slots together."""
        answer_side_by_side(self.generate, requests, self.slots, done)

    def allocated_peak_bytes(self) -> int | None:
        """Not counted."""
        return None

    def reset(self) -> None:
        """Put a short prompt into every slot, so that none holds anything of an earlier one."""
        decoding = Decoding(max_tokens=1, context=self.engine.context, threads=self.engine.threads)
        short = _body(Request(({"role": "user", "content": "."},), decoding))
        for slot in range(self.slots):
            self._ask({**short, "id_slot": slot}).completion()

    def close(self) -> None:
        """Stop the engine's threads and unmap the weights."""
        self._server = None


def _body(request: Request) -> dict[str, Any]:
    """The request as llama.cpp's server takes it."""
    decoding = request.decoding
    greedy = decoding.temperature == 0
    body = {
        "messages": [dict(message) for message in request.messages],
        "max_tokens": decoding.max_tokens,
        # Nothing but these samplers: a greedy choice needs no sorted and normalised vocabulary.
        "samplers": ["top_k"] if greedy else ["temperature"],
        "top_k": 1 if greedy else 0,
        "temperature": decoding.temperature,
        "seed": decoding.seed,
        "stop": list(decoding.stop),
        "cache_prompt": True,
        "stream": True,
        # Counts with each token: there is no last message when the answer is ended from here.
        "timings_per_token": True,
    }
    return body if request.grammar is None else {**body, "grammar": request.grammar}
