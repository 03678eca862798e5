"""What the cache holds of a model's weights: looked at, checked against the registry, freed."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from darkwood_bench.harness.downloads import bytes_in
from darkwood_bench.harness.entries import ModelSpec, WeightsSpec
from darkwood_bench.harness.selection import converted_folder
from darkwood_bench.harness.source_entries import LocalSource
from darkwood_bench.harness.weights import path_sha256
from darkwood_bench.locks import locked


@dataclass(frozen=True)
class Held:
    """Whether a model's weights are on this machine, without hashing anything."""

    state: Literal["cached", "local", "partly", "missing", "served"]
    """In the cache; a file of the user's; on its way; nowhere here; answered by somebody else."""
    path: Path | None
    """Of cached or local weights."""
    freeable: int
    """Bytes that `free` would free."""


@dataclass(frozen=True)
class Verdict:
    """A file, or folder, and whether it is what the registry names."""

    path: Path
    sha256: str
    expected: str | None
    """None where the registry names none: then there is nothing to compare with."""

    @property
    def good(self) -> bool:
        """Whether nothing speaks against it."""
        return self.expected in (None, self.sha256)


def held(spec: ModelSpec, cache: Path) -> Held:
    """What is here of a model."""
    if not isinstance(spec, WeightsSpec):
        return Held("served", None, 0)
    freeable = sum(_size(path) for path in _parts(spec, cache))
    path = _found(spec, cache)
    if path is not None:
        in_cache = path == cache / "weights" / spec.file
        return Held("cached" if in_cache else "local", path, freeable)
    on_its_way = _size(cache / "downloads" / spec.file) > 0
    return Held("partly" if on_its_way else "missing", None, freeable)


def verify(spec: WeightsSpec, cache: Path) -> Verdict | None:
    """Hash anew what is here; None where nothing is."""
    path = _found(spec, cache)
    if path is None:
        return None
    return Verdict(path, path_sha256(path, cache, anew=True), spec.sha256)


def free(spec: WeightsSpec, cache: Path) -> int:
    """Delete what the cache holds of a model: weights, downloads, conversions; the bytes freed.

    Files of the user's stay. A process that is fetching the same file is waited for.
    """
    freed = 0
    with locked(cache / "downloads" / f"{spec.file}.lock"):
        for path in _parts(spec, cache):
            freed += _size(path)
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    return freed


def sharing(name: str, models: Mapping[str, ModelSpec]) -> list[str]:
    """Other models that read the same weights from the cache."""
    spec = models[name]
    return [
        other
        for other, known in models.items()
        if other != name
        and isinstance(spec, WeightsSpec)
        and isinstance(known, WeightsSpec)
        and known.file == spec.file
    ]


def _parts(spec: WeightsSpec, cache: Path) -> list[Path]:
    parts = [cache / "weights" / spec.file, cache / "downloads" / spec.file]
    path = _found(spec, cache)
    sha256 = spec.sha256 or (path_sha256(path, cache) if path is not None else None)
    return parts if sha256 is None else [*parts, converted_folder(cache, sha256)]


def _found(spec: WeightsSpec, cache: Path) -> Path | None:
    local = [Path(source.local) for source in spec.sources if isinstance(source, LocalSource)]
    places = [cache / "weights" / spec.file, *local]
    return next((path for path in places if path.exists()), None)


def _size(path: Path) -> int:
    if path.is_dir():
        return bytes_in(path)
    return path.lstat().st_size if path.exists() else 0
