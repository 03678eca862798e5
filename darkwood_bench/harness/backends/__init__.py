"""What a model engine must do, and which engines there are.

A backend runs in a worker process of its own (`darkwood_bench.harness.worker`). Making one is
cheap and imports nothing heavy: its name and version are known without loading a model.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import ClassVar, Literal, Protocol, runtime_checkable

from darkwood_bench.harness.decoding import Decoding

Mode = Literal["sequential", "batched"]
"""One request at a time, or all at once."""
Message = Mapping[str, str]
"""`role` (system, user, assistant) and `content`."""


class BackendError(Exception):
    """An engine could not load its weights or answer a request."""

    kind = "backend_error"
    """Names why; a subclass has its own."""
    transient = False
    """Whether this says nothing of the model (a server was down), so that the next run asks
    again."""


class PromptTooLong(BackendError):
    """The prompt does not fit into the context. Asking again would not help."""

    kind = "prompt_too_long"


class BackendUnavailable(BackendError):
    """There was nobody to ask: a server that is busy, gone or wants another key."""

    kind = "unavailable"
    transient = True


class Interrupted(BackendError):
    """The answer was given up by whoever asked for it."""

    kind = "interrupted"
    transient = True


@dataclass(frozen=True)
class Engine:
    """What an engine is set up with, apart from the weights."""

    device: Literal["cpu", "cuda"]
    """Where it must run; a backend that cannot raises BackendError and never moves elsewhere."""
    dtype: str
    """Number format of weights and activations where the backend has a choice."""
    context: int
    threads: int
    cache: Path
    """The folder for what is derived from these weights, such as unpacked ones."""
    mode: Mode = "sequential"
    """Only in batched mode is there need for room for several requests at once."""
    concurrency: int | None = None
    """Requests that the registry's entry of a server lets be in flight at once."""
    quantise: Literal["none", "8bit", "4bit"] = "none"
    """What weights of another format are turned into when they are loaded."""


@dataclass(frozen=True)
class AskedTable:
    """One table of a question."""

    path: Path
    """A Parquet file."""
    columns: Mapping[str, str]
    """Column name to Polars dtype, as text."""
    rows: int


@dataclass(frozen=True)
class Asked:
    """The question and its tables, for backends that are asked these rather than a chat."""

    question: str
    tables: Mapping[str, AskedTable]
    """By the names that code knows them under."""


@dataclass(frozen=True)
class Request:
    """One chat to complete."""

    messages: Sequence[Message]
    decoding: Decoding
    grammar: str | None = None
    """A GBNF grammar that the answer must follow; a backend that cannot see to it refuses."""
    asked: Asked | None = None
    """What the messages were made from."""
    limit_s: float | None = None
    """Seconds after which a client gives up waiting for its server, with an error of the kind
    `timeout`; engines of our own are stopped from outside."""
    grammar_needed: bool = True
    """False where the grammar is a help: a backend that cannot see to it leaves it out."""


@dataclass(frozen=True)
class Completion:
    """One answer."""

    text: str
    """As the model wrote it, without the stop string."""
    prompt_tokens: int | None
    """Tokens of the prompt after the chat template, cached ones too; None where, as in what
    follows, whoever answers does not say."""
    cached_tokens: int | None
    """Of these, tokens whose state was still there from the request before."""
    completion_tokens: int | None
    ttft_s: float | None
    """Seconds from the backend's receipt of the request to its first token."""
    finish_reason: Literal["stop", "length"]
    endpoint: str | None = None
    """Which of several servers answered."""
    failed_at: Sequence[str] = ()
    """Those that had failed at it before, one a try."""


@runtime_checkable
class WorksElsewhere(Protocol):
    """A backend whose work is done by processes that do not descend from its worker."""

    elsewhere: Sequence[int]
    """Them, by id: their memory, and that of their children, counts."""


Watch = Callable[[int], bool]
"""Is told how many tokens an answer has so far; True gives it up."""


@runtime_checkable
class Watched(Protocol):
    """A backend whose answers can be watched, and given up, as they are made."""

    def generate_watched(self, request: Request, watch: Watch) -> Completion:
        """As `generate`, from as many threads at once as there are slots (but see `transformers`).

        Raises Interrupted for an answer that was given up.
        """
        ...


Done = Callable[[int, "Completion | BackendError"], None]
"""Takes the number of a request and its answer, or why there is none."""


class Backend(Protocol):
    """One engine. Every method may raise BackendError; `generate` also PromptTooLong."""

    name: ClassVar[str]
    packages: ClassVar[tuple[str, ...]]
    """Distributions whose versions a run records."""
    constrains: ClassVar[bool]
    """Whether it can hold an answer to a grammar. If not, requests with one never get to it."""

    def __init__(self, engine: Engine) -> None: ...

    @property
    def version(self) -> str:
        """Versions and settings that can change an answer. Raises BackendError if missing."""
        ...

    @property
    def slots(self) -> int:
        """How many requests it works on at once in its engine's mode; known before `load`.

        1 where the mode is sequential, and for a backend that has no other.
        """
        ...

    @staticmethod
    def has_cuda() -> bool:
        """Whether the installed engine can use the GPU. Asked only where there is a GPU."""
        ...

    def prepared(self, weights: Path) -> bool:
        """Whether `load` finds all it needs. Cheap."""
        ...

    def prepare(self, weights: Path) -> None:
        """Derive once into `engine.cache` what `load` needs; in a process that then ends."""
        ...

    def load(self, weights: Path) -> None:
        """Be ready for requests: read weights (a file, or a folder for backends that take one), or
        the entry of a served model, which is a JSON file."""
        ...

    def generate(self, request: Request) -> Completion:
        """Answer one request; requests come one at a time."""
        ...

    def generate_many(self, requests: Sequence[Request], done: Done) -> None:
        """Answer all of these, `slots` at a time, and return when each is done.

        They are taken up in the order given, each as soon as there is room, so that those under
        way are always the first `slots` that are not done. `done` is called from one thread at a
        time, once a request.
        """
        ...

    def allocated_peak_bytes(self) -> int | None:
        """Peak of the engine's own count of GPU memory since `load` or `reset`; None without."""
        ...

    def reset(self) -> None:
        """Forget earlier prompts: the next answer is made, and timed, as a first one."""
        ...

    def close(self) -> None:
        """Free what `load` took."""
        ...


_CLASSES = {
    "llamacpp": "LlamaCpp",
    "transformers": "Transformers",
    "scripted": "Scripted",
    "submission": "Submission",
    "openai": "OpenAI",
}


def refuse_many(name: str) -> BackendError:
    """What a backend of one slot says to `generate_many`."""
    return BackendError(f"{name} answers one request at a time; run it with --mode sequential")


def answer_side_by_side(
    generate: Callable[[Request], Completion], requests: Sequence[Request], slots: int, done: Done
) -> None:
    """`generate_many` of an engine whose `generate` may be called from `slots` threads at once."""
    from concurrent.futures import ThreadPoolExecutor
    from threading import Lock

    reporting = Lock()

    def answer(number: int) -> None:
        try:
            outcome: Completion | BackendError = generate(requests[number])
        except BackendError as error:
            outcome = error
        with reporting:
            done(number, outcome)

    with ThreadPoolExecutor(slots) as threads:
        list(threads.map(answer, range(len(requests))))


def backend_class(name: str) -> type[Backend]:
    """The class of a backend by its registry name. Raises BackendError for an unknown one."""
    if name not in _CLASSES:
        raise BackendError(f"no backend '{name}'; there are {', '.join(_CLASSES)}")
    return getattr(import_module(f"{__name__}.{name}"), _CLASSES[name])
