"""A server that speaks OpenAI's chat completions, as an entry says it."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue, field_validator, model_validator

from darkwood_bench.harness.entry import ADDRESS, VARIABLE, Entry


class Price(Entry):
    """What a server's tokens cost, per million, in whatever currency it charges."""

    prompt: float = Field(ge=0)
    cached: float | None = Field(default=None, ge=0)
    """Of prompt tokens that the server had still read; None is the price of others."""
    completion: float = Field(ge=0)


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

    base_url: str = Field(pattern=ADDRESS)
    """Up to and with `/v1`: `/chat/completions` is put behind it."""
    replicas: tuple[Annotated[str, Field(pattern=ADDRESS)], ...] = ()
    """More addresses of the same model: requests are spread over them and the first, and go to
    another when one fails."""
    memory: ServerMemory | None = None
    model: str = Field(min_length=1)
    """The model's name at the server."""
    revision: str = ""
    """What tells two states of the model under one name apart, as far as you know: a date, a hash.
    Change it when the server's model changes, or old answers are taken for the new one's."""
    api_key_env: str | None = Field(default=None, pattern=VARIABLE)
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
