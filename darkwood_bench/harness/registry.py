"""The model registry: YAML files in which a model is an entry, and adding one changes no code."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from darkwood_bench.harness.entries import KINDS, ModelSpec, SubmissionSpec, WeightsSpec
from darkwood_bench.harness.entry import SHAPES, Entry
from darkwood_bench.harness.source_entries import LocalSource, Source
from darkwood_bench.mistakes import field_names, in_words

WEIGHTS_FOLDER = "DARKWOOD_WEIGHTS"
"""The variable that names a folder of weights that are here already."""
SLUG = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*")
"""A model's key, which is also a partition key: Dagster keeps `|`, `,`, `[`, `]` and `...`."""


class RegistryError(Exception):
    """An entry of a registry file cannot be used: 'file: models.<key>.<field>: problem; fix'."""


def load_models(files: Path | Sequence[Path]) -> dict[str, ModelSpec]:
    """The entries of registry files by their key, in the files' order; a later default counts.

    Raises RegistryError, naming file and field, for the first thing that is wrong.
    """
    paths = [files] if isinstance(files, Path) else list(files)
    models: dict[str, ModelSpec] = {}
    for path in paths:
        own = read_registry(path)
        if shared := own.keys() & models.keys():
            key = min(shared)
            raise RegistryError(f"{path}: models.{key}: an earlier registry has it; rename it")
        if any(spec.default for spec in own.values()):
            models = {
                key: spec.model_copy(update={"default": False}) for key, spec in models.items()
            }
        models |= own
        _check_file_names(path, models)
    if not any(spec.default for spec in models.values()):
        raise RegistryError(f"{paths[-1]}: models: no entry has default: true; mark exactly one")
    return models


def registered(model: str, models: Mapping[str, ModelSpec], files: Sequence[Path]) -> ModelSpec:
    """The entry of a model that was there when its run, or the UI, began.

    Raises RegistryError where it was taken out since.
    """
    if model not in models:
        raise RegistryError(
            f"{', '.join(str(file) for file in files)}: models.{model}: was taken out of the "
            "registry since this run was asked for; put it back and run again, or reload the code "
            "location in the UI and ask another model"
        )
    return models[model]


def read_registry(path: Path) -> dict[str, ModelSpec]:
    """The entries of one file by their key, in its order; raises RegistryError."""
    try:
        content = yaml.load(path.read_text(), _UniqueKeys)
    except OSError as error:
        raise RegistryError(f"{path}: cannot be read ({error.strerror})") from error
    except yaml.YAMLError as error:
        raise RegistryError(f"{path}: not YAML: {' '.join(str(error).split())}") from error
    entries = content.get("models") if isinstance(content, dict) else None
    if not isinstance(entries, dict) or not entries:
        raise RegistryError(f"{path}: models: is missing; give a mapping of models by key")
    models = {key: checked_entry(path, key, entry) for key, entry in entries.items()}
    defaults = [key for key, spec in models.items() if spec.default]
    if len(defaults) > 1:
        raise RegistryError(
            f"{path}: models: {len(defaults)} entries have default: true; mark exactly one"
        )
    return models


def default_model(models: Mapping[str, ModelSpec]) -> str:
    """The key of the entry that is marked as the default."""
    return next(key for key, spec in models.items() if spec.default)


def checked_entry(path: Path, key: Any, entry: Any) -> ModelSpec:
    """One entry of the file `path`, whose relative paths are meant from there.

    Raises RegistryError for what is wrong with it.
    """
    where = f"{path}: models.{key}"
    if not isinstance(key, str) or not SLUG.fullmatch(key):
        raise RegistryError(
            f"{where}: is no key; use lower-case letters and digits, parted by . _ or -"
        )
    if not isinstance(entry, dict):
        raise RegistryError(f"{where}: is not a mapping; give title, file and sources")
    kind = next((kind for part, kind in KINDS.items() if part in entry), WeightsSpec)
    try:
        spec = kind.model_validate(entry)
    except ValidationError as error:
        raise RegistryError(f"{where}{_first_problem(error)}") from error
    if isinstance(spec, WeightsSpec):
        sources = tuple(_absolute(source, path.parent) for source in spec.sources)
        return spec.model_copy(update={"sources": sources})
    if isinstance(spec, SubmissionSpec):
        entry = spec.submission
        here = {
            "folder": _from(path.parent, entry.folder),
            "command": tuple(os.path.expandvars(word) for word in entry.command),
            "env": {name: os.path.expandvars(value) for name, value in entry.env.items()},
        }
        return spec.model_copy(update={"submission": entry.model_copy(update=here)})
    return spec


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    kinds = ("local", "hub", "wheels")
    # pydantic puts the tag of the union into the location, where the file has no such level.
    place = list(problem["loc"])
    fields = [
        part
        for position, part in enumerate(place)
        if not (part in kinds and isinstance(place[position - 1], int))
    ]
    location = "".join(f".{field}" for field in fields)
    return f"{location}: {in_words(problem, field_names(Entry), SHAPES)}"


def _absolute(source: Source, folder: Path) -> Source:
    if not isinstance(source, LocalSource):
        return source
    return LocalSource(local=_from(folder, source.local))


def _from(folder: Path, written: str) -> str:
    """A path of an entry: variables and `~` expanded, relative to the registry's folder.

    Raises RegistryError where the folder of weights that the user has named is not there.
    """
    weights = os.environ.get(WEIGHTS_FOLDER)
    if weights and WEIGHTS_FOLDER in written and not Path(weights).expanduser().is_dir():
        raise RegistryError(
            f"{WEIGHTS_FOLDER}: {weights}: no such folder; set it to the one that has your "
            "weights, or to nothing"
        )
    return str(folder.absolute() / Path(os.path.expandvars(written)).expanduser())


def _check_file_names(path: Path, models: Mapping[str, ModelSpec]) -> None:
    """Two models may share a file of the cache only if it is the same file."""
    seen: dict[str, tuple[str, str | None]] = {}
    for key, spec in models.items():
        if not isinstance(spec, WeightsSpec):
            continue
        other, sha256 = seen.setdefault(spec.file, (key, spec.sha256))
        if sha256 != spec.sha256:
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
