"""What an entry of the model registry may say. The kind of a model is the part that it has:
`sources` (weights that an engine here reads), `server` or `submission` (somebody else answers)."""

import math
from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from darkwood_bench.harness.entry import FILE_NAME, SHA256, Entry
from darkwood_bench.harness.server_entry import Price, Server
from darkwood_bench.harness.sizes import parse_bytes
from darkwood_bench.harness.source_entries import LocalSource, Source
from darkwood_bench.harness.submission_entry import Submission
from darkwood_bench.identity import content_hash

DECLARED = "declared:"
"""What the identity of a model begins with whose weights nobody here has seen."""


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
    file: str = Field(pattern=FILE_NAME)
    """The weights' name in the cache."""
    bytes: int | None = Field(default=None, gt=0)
    """Size of the weights."""
    sha256: str | None = Field(default=None, pattern=SHA256)
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
