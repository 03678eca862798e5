"""A file or a repository from the Hugging Face hub, which costs seconds if it does not answer."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from darkwood_bench.harness.downloads import Download, SourceError, bytes_in
from darkwood_bench.harness.source_entries import HubFile

ANSWER_S = 5
"""Seconds that the hub has for its first answer; huggingface_hub alone would try six times."""
MODEL_FILES = ["*.safetensors", "*.json", "*.jinja", "*.txt", "*.model"]
"""What a whole repository is fetched for: no second copies in other formats."""


@dataclass(frozen=True)
class Remote:
    """One file at the hub."""

    name: str
    size: int
    etag: str
    """Of a large file, its SHA-256; of a small one, git's hash of it."""

    def __post_init__(self) -> None:
        """A name that leaves its folder, as a hub might give, raises SourceError."""
        path = PurePosixPath(self.name)
        if path.is_absolute() or ".." in path.parts:
            raise SourceError(f"'{self.name}' is no name of a file of a repository")

    @property
    def sha256(self) -> str | None:
        """Where the hub tells it."""
        return self.etag if re.fullmatch(r"[0-9a-f]{64}", self.etag) else None


@dataclass(frozen=True)
class Repository:
    """A state of a repository."""

    repo: str
    commit: str
    licence: str
    files: tuple[Remote, ...]


def look(source: HubFile) -> Repository:
    """All files of a repository. One question without retries; raises SourceError."""
    from huggingface_hub import HfApi

    with _told(f"{source.repo} at {source.revision}"):
        found = HfApi().model_info(
            source.repo, revision=source.revision, files_metadata=True, timeout=ANSWER_S
        )
    files = tuple(
        Remote(file.rfilename, file.size or 0, file.lfs.sha256 if file.lfs else file.blob_id or "")
        for file in found.siblings or ()
    )
    licence = getattr(found.card_data, "license", None) or ""
    return Repository(source.repo, found.sha or source.revision, str(licence), files)


def model_files(files: tuple[Remote, ...]) -> tuple[Remote, ...]:
    """Those that a whole repository is fetched for."""
    from huggingface_hub.utils import filter_repo_objects

    wanted = filter_repo_objects(files, allow_patterns=MODEL_FILES, key=lambda file: file.name)
    return tuple(wanted)


def fetch_from_hub(source: HubFile, download: Download) -> Path:
    """Download the file or repository, or the rest of it after a kill; the file or folder.

    Raises SourceError when it cannot be had, or is not what the registry names.
    """
    if source.file is not None:
        file, commit = _ask(source, source.file)
        _compare(file, download)
        files = (file,)
    else:
        found = look(source)
        files, commit = model_files(found.files), found.commit
        if not files:
            raise SourceError(f"{source.repo} has no file of {', '.join(MODEL_FILES)}")
    folder = download.folder / f"hub-{commit[:12]}"
    for other in download.folder.glob("hub*"):
        if other != folder:
            shutil.rmtree(other)  # of another state of the repository
    download.require_space(sum(file.size for file in files) - bytes_in(folder))
    with download.watched():
        for file in files:
            fetch_remote(source.repo, commit, file, folder / file.name)
    return folder / source.file if source.file is not None else folder


def fetch_remote(repo: str, commit: str, file: Remote, target: Path) -> None:
    """Download one file of a repository; raises SourceError."""
    from huggingface_hub import hf_hub_url
    from huggingface_hub.utils import build_hf_headers

    from darkwood_bench.harness.resumable import fetch

    url = hf_hub_url(repo, file.name, revision=commit)
    fetch(url, build_hf_headers(), target, file.size, file.etag)


def _ask(source: HubFile, name: str) -> tuple[Remote, str]:
    """One file and the commit it is of: one question, without retries."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    with _told(name):
        url = hf_hub_url(source.repo, name, revision=source.revision)
        found = get_hf_file_metadata(url, timeout=ANSWER_S)
    if found.size is None:
        raise SourceError(f"the hub does not say how large {name} is")
    return Remote(name, found.size, found.etag or ""), found.commit_hash or source.revision


def _compare(file: Remote, download: Download) -> None:
    """Raise SourceError for a file that is known to be another before it is fetched."""
    if file.size != download.total:
        raise SourceError(f"its {file.name} has {file.size} bytes, not {download.total}")
    if file.sha256 not in (None, download.sha256):
        raise SourceError(f"its {file.name} has SHA-256 {file.sha256}, not {download.sha256}")


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Turn what the hub's client raises into a SourceError about `what`."""
    from huggingface_hub.errors import HfHubHTTPError

    try:
        yield
    except HfHubHTTPError as error:
        raise SourceError(f"the hub refuses {what} ({_first_line(error)})") from error
    except Exception as error:  # whichever HTTP library the hub's client uses raises its own
        raise SourceError(f"the hub does not answer ({_first_line(error)})") from error


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
