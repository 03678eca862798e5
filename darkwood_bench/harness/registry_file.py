"""Adding an entry to a registry file, and leaving everything else of it as it was written."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import indent
from typing import Any

import yaml

from darkwood_bench.harness.entries import ModelSpec, WeightsSpec
from darkwood_bench.harness.registry import RegistryError, checked_entry, load_models
from darkwood_bench.locks import locked

HEADER = """\
# Models of your own, beside those that come with darkwood. docs/models.md says what an entry has.

models:
"""


def add_entry(own: Path, key: str, entry: Mapping[str, Any], files: Sequence[Path]) -> str:
    """Append an entry to the file `own`, making it if need be; what was written, as YAML.

    `files` are the registries that count here; `own` may be one of them. Raises RegistryError when
    the key is taken, the same model is there under another name, or the entry is not valid.
    """
    with locked(own.with_name(f"{own.name}.lock")):
        here = [path for path in files if path.exists()]
        there = load_models(here) if here else {}
        entry = {name: value for name, value in entry.items() if value not in ("", None)}
        if not there:
            entry["default"] = True  # as one entry has to be
        if key in there:
            raise RegistryError(f"there is a model '{key}' already; choose another name")
        spec = checked_entry(own, key, entry)
        if isinstance(spec, WeightsSpec) and _taken(spec, there):
            entry["file"] = f"{key}-{spec.file}"
        for other, known in there.items():
            if _same(spec, known):
                raise RegistryError(f"this is '{other}' already, with the same settings")
        block = indent(_yaml({key: entry}), "  ")
        before = own.read_text() if own.exists() else HEADER
        gap = "" if before.endswith("models:\n") else "\n"
        _replace(own, f"{before.rstrip()}\n{gap}{block}", files)
        return block


def _taken(spec: WeightsSpec, there: Mapping[str, ModelSpec]) -> bool:
    """Whether the file's name in the cache is that of other weights."""
    weights = [known for known in there.values() if isinstance(known, WeightsSpec)]
    return any(known.file == spec.file and known.sha256 != spec.sha256 for known in weights)


def _same(one: ModelSpec, other: ModelSpec) -> bool:
    """Whether two entries would give the same answers: all but how people call them is equal."""
    for_people = {"title", "default", "licence", "quantisation", "sources", "file", "bytes"}
    for_people.add("resources")
    return type(one) is type(other) and one.model_dump(exclude=for_people) == other.model_dump(
        exclude=for_people
    )


def _yaml(entry: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(entry), sort_keys=False, allow_unicode=True, width=100)


def _replace(own: Path, text: str, files: Sequence[Path]) -> None:
    """Write the file, but only if all registries are then still valid."""
    own.parent.mkdir(parents=True, exist_ok=True)
    candidate = own.with_name(f".{own.name}.{os.getpid()}")
    candidate.write_text(text)
    try:
        load_models([*(path for path in files if path != own and path.exists()), candidate])
    except RegistryError as error:
        candidate.unlink()
        raise RegistryError(str(error).replace(str(candidate), str(own))) from error
    candidate.replace(own)
