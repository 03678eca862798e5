"""What a jailed process finds of the host's files: what Python and Polars need, and no more.

Datasets with their answers, a checkout, a cache may lie anywhere, beside the interpreter or among
its packages too; so nothing is shown because of where it is, only because of what it is.
"""

import sys
import sysconfig
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

INSIDE = Path(__file__).parent / "inside"
"""The program that a jailed process runs."""
PACKAGES = {
    "polars": "polars",
    "_polars_runtime_32": "polars-runtime-32",
    "_polars_runtime_64": "polars-runtime-64",
    "_polars_runtime_compat": "polars-runtime-compat",
    "pyarrow": "pyarrow",
    "numpy": "numpy",
    "tzdata": "tzdata",
}
"""What programs may import beside the standard library, and the distribution that brings it."""
LIBRARY_FOLDERS = ("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64")
"""Of the system: links to one another on most, folders on some."""
_ZONES = "/usr/share/zoneinfo"
_PACKAGES_OF_ANYONE = ("site-packages", "dist-packages")


@cache
def package_versions() -> tuple[tuple[str, str], ...]:
    """Each installed distribution that a program may import, with its version."""
    found = []
    for distribution in PACKAGES.values():
        try:
            found.append((distribution, version(distribution)))
        except PackageNotFoundError:
            continue
    return tuple(found)


@cache
def package_folders() -> dict[str, Path]:
    """Name to folder of each package that a program may import, and of the libraries beside it."""
    found: dict[str, Path] = {}
    for name in PACKAGES:
        spec = find_spec(name)
        if spec is None or not spec.submodule_search_locations:
            continue
        folder = Path(next(iter(spec.submodule_search_locations))).resolve()
        libraries = folder.with_name(f"{name}.libs")  # what wheels bring along (auditwheel)
        found |= {name: folder} | ({libraries.name: libraries} if libraries.is_dir() else {})
    return found


@cache
def system_folders() -> tuple[Path, ...]:
    """Shared libraries, the standard library, zones, and the interpreter itself (a file).

    Packages that lie within are not meant: see `hidden_folders`.
    """
    prefixes = dict.fromkeys((sys.base_prefix, sys.base_exec_prefix))
    paths = [
        *LIBRARY_FOLDERS,
        *(f"{prefix}/{name}" for prefix in prefixes for name in ("lib", "lib64")),
        sysconfig.get_path("stdlib"),
        sysconfig.get_path("platstdlib", vars={"platbase": sys.base_exec_prefix}),
        _ZONES,
        sys.executable,
    ]
    return tuple(_outermost(Path(path).resolve() for path in paths if Path(path).exists()))


@cache
def hidden_folders() -> tuple[Path, ...]:
    """Folders within `system_folders` that anyone's packages are installed to."""
    found = (
        path.resolve()
        for folder in system_folders()
        for depth in ("", "*/", "*/*/")
        for name in _PACKAGES_OF_ANYONE
        for path in folder.glob(f"{depth}{name}")
        if path.is_dir()
    )
    return tuple(_outermost(found))


@cache
def readable_paths() -> tuple[Path, ...]:
    """`system_folders` without `hidden_folders`, as paths that one may read all of."""
    hidden = hidden_folders()
    return tuple(path for folder in system_folders() for path in _without(folder, hidden))


def _without(folder: Path, hidden: tuple[Path, ...]) -> list[Path]:
    if folder in hidden:
        return []
    if not any(path.is_relative_to(folder) for path in hidden):
        return [folder]
    # A link grants nothing: what it leads to is shown for itself, or not at all.
    children = (child for child in sorted(folder.iterdir()) if not child.is_symlink())
    return [path for child in children for path in _without(child, hidden)]


def _outermost(paths: Iterable[Path]) -> list[Path]:
    """Without those that lie within another."""
    all_paths = list(dict.fromkeys(paths))
    return [p for p in all_paths if not any(o != p and p.is_relative_to(o) for o in all_paths)]
