"""The report's folder: written aside, swapped whole, and only what has changed written anew.

A page whose inputs are what they were is linked from the old report into the new one, so its file
stays the same. The new folder then takes the old one's place in one step, where the file system
can exchange two names (Linux: ext4, xfs, btrfs, tmpfs), else in two renames.
"""

import ctypes
import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from darkwood_bench.locks import locked

MANIFEST = "manifest.json"
INDEX = "index.html"
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


class ReportError(Exception):
    """A report cannot be made or written; the message says why and what helps."""


@dataclass(frozen=True)
class Page:
    """One file of a report."""

    path: str
    """Below the folder, with '/'."""
    inputs: Any
    """Everything that its text depends on; plain values."""
    render: Callable[[], bytes]


@dataclass(frozen=True)
class Written:
    """What a build did."""

    folder: Path
    pages: int
    changed: int
    """Pages that were written; the others were as they should be."""
    biggest: tuple[str, int]
    """The path of the biggest file, and its bytes."""


def write_report(folder: Path, pages: Iterable[Page], told: Callable[[int], None]) -> Written:
    """Write the pages as a folder in place of the report that was there.

    `told` hears the number of pages done after each. A kill leaves the old report, whole. One build
    at a time: a second waits.
    Raises ReportError where something else than a report has that name, or the disk refuses.
    """
    folder = folder.absolute()
    aside, old = (folder.with_name(f".{folder.name}.{kind}") for kind in ("building", "old"))
    try:
        with locked(folder.with_name(f".{folder.name}.lock")):
            _recover(folder, old)
            _require_a_report(folder)
            shutil.rmtree(aside, ignore_errors=True)
            aside.mkdir(parents=True)
            written = _fill(aside, folder, pages, told)
            _swap(aside, folder, old)
            shutil.rmtree(aside, ignore_errors=True)
            shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise ReportError(
            f"{error.filename or folder}: {error.strerror or error}; the report that was there "
            "stands, give another folder with --output or make room"
        ) from error
    return written


def _fill(aside: Path, folder: Path, pages: Iterable[Page], told: Callable[[int], None]) -> Written:
    known = _read_manifest(folder)
    manifest: dict[str, str] = {}
    changed, biggest, made = 0, ("", 0), set()
    for number, page in enumerate(pages, start=1):
        mark = fingerprint(page.inputs)
        target = aside / page.path
        if target.parent not in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            made.add(target.parent)
        if known.get(page.path) != mark or not _linked(folder / page.path, target):
            target.write_bytes(page.render())
            changed += 1
        manifest[page.path] = mark
        biggest = max(biggest, (page.path, target.stat().st_size), key=lambda found: found[1])
        told(number)
    (aside / MANIFEST).write_text(json.dumps(manifest, indent=0))
    return Written(folder, len(manifest), changed, biggest)


def fingerprint(inputs: Any) -> str:
    """A hash of a page's inputs and of the program that makes pages of them."""
    text = json.dumps(inputs, sort_keys=True, default=str, ensure_ascii=True)
    return hashlib.sha256(f"{_program()} {text}".encode()).hexdigest()[:32]


@cache
def _program() -> str:
    """A hash of this package: its code, templates, styles and scripts."""
    root = Path(__file__).parent
    found = hashlib.sha256()
    for path in sorted(path for path in root.rglob("*") if path.suffix in _SOURCES):
        found.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes())
    return found.hexdigest()


_SOURCES = (".py", ".html", ".css", ".js", ".svg")


def _read_manifest(folder: Path) -> dict[str, str]:
    try:
        found = json.loads((folder / MANIFEST).read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _linked(source: Path, target: Path) -> bool:
    """Have the old page under its new name too; False where it is not there."""
    try:
        os.link(source, target)
    except FileNotFoundError:
        return False
    except OSError:  # a file system without links
        shutil.copy2(source, target)
    return True


def _require_a_report(folder: Path) -> None:
    if folder.is_dir() and (not any(folder.iterdir()) or (folder / MANIFEST).is_file()):
        return
    if folder.exists():
        raise ReportError(
            f"{folder}: something else than a report is there, and would be replaced; give another "
            "folder with --output"
        )


def _recover(folder: Path, old: Path) -> None:
    """After a kill between two renames the old report has another name: it is the report."""
    if old.exists() and not folder.exists():
        old.rename(folder)


def _swap(aside: Path, folder: Path, old: Path) -> None:
    if not folder.exists():
        aside.rename(folder)
    elif not _exchanged(aside, folder):
        shutil.rmtree(old, ignore_errors=True)
        folder.rename(old)
        aside.rename(folder)


def _exchanged(one: Path, other: Path) -> bool:
    """Give two folders each other's name in one step; False where the system cannot."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    names = os.fsencode(one), os.fsencode(other)
    if rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.EINVAL, errno.ENOSYS, errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP):
        return False
    raise OSError(code, os.strerror(code), str(other))
