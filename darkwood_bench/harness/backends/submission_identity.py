"""What a submission is known by: its answers are reused for as long as this stays the same.

A command is known by its words, its variables, the files that either of them names (such as
weights), and the code in its folder: what git tracks there or would, else every file but the
hidden, bytecode and logs. An image is known by its digest. What answers at a url cannot be seen, so
it is known by the url and the entry's `revision`.
"""

import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from darkwood_bench.harness.backends.submission_container import find_engine, image_digest
from darkwood_bench.harness.entries import DECLARED
from darkwood_bench.harness.submission_entry import Submission
from darkwood_bench.identity import content_hash

SEEN = "code:"
"""What the identity of a submission begins with whose code or image was seen."""
LEFT_OUT = ("__pycache__", "node_modules", "venv")
LEFT_OUT_SUFFIXES = (".pyc", ".log")


@dataclass(frozen=True)
class Identity:
    """Of one submission, now."""

    sha256: str
    """Begins with SEEN or, of what was only declared, DECLARED."""
    made_of: str
    """What was looked at, in words."""


def submission_identity(entry: Submission, file_hash: Callable[[Path], str]) -> Identity:
    """What a submission is known by.

    Raises BackendError for an image without an engine, or that is not on this machine.
    """
    declared = {"revision": entry.revision, "tables": entry.tables, "env": entry.env}
    if entry.url is not None:
        return Identity(
            DECLARED + content_hash({**declared, "url": entry.url}), "its url, declared"
        )
    if entry.image is not None:
        digest = image_digest(find_engine(), entry.image)
        return Identity(SEEN + content_hash({**declared, "image": digest}), f"image {digest[:12]}")
    folder = Path(entry.folder)
    listed = _listed_by_git(folder)
    code = dict(_walked(folder)) if listed is None else listed
    named = dict(_named(entry, folder))
    contents = {
        **declared,
        "command": entry.command,
        "code": {name: file_hash(path) for name, path in code.items()},
        "named": {name: file_hash(path) for name, path in named.items()},
    }
    how = "that git lists" if listed is not None else "that are not hidden"
    made_of = f"its command, {len(code)} files {how} in {folder}"
    if named:
        made_of += f", and {', '.join(named)}"
    return Identity(SEEN + content_hash(contents), made_of)


def _listed_by_git(folder: Path) -> dict[str, Path] | None:
    """Tracked files and those that are neither tracked nor ignored; None outside a repository."""
    command = ["git", "-C", str(folder), "ls-files", "-z", "--cached", "--others"]
    try:
        answer = subprocess.run(
            [*command, "--exclude-standard"], stdin=subprocess.DEVNULL, capture_output=True
        )
    except OSError:
        return None  # no git
    if answer.returncode:
        return None
    names = [name for name in answer.stdout.decode(errors="surrogateescape").split("\0") if name]
    files = {name: folder / name for name in sorted(names)}
    return {ascii(name): path for name, path in files.items() if path.is_file()} or None


def _walked(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name.startswith(".") or path.name in LEFT_OUT or (path / "pyvenv.cfg").exists():
            continue
        if path.is_dir():
            yield from ((f"{path.name}/{name}", inner) for name, inner in _walked(path))
        elif path.is_file() and path.suffix not in LEFT_OUT_SUFFIXES:
            yield path.name, path


def _named(entry: Submission, folder: Path) -> Iterator[tuple[str, Path]]:
    """Files that arguments or variables name, by the argument or variable."""
    arguments: Mapping[str, str] = {word: word for word in entry.command[1:]}
    for name, value in {**arguments, **entry.env}.items():
        path = folder / value
        if value and len(value) < 4096 and "\0" not in value and path.is_file():
            yield name, path
