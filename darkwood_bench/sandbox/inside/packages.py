"""Importing a closed list of packages, without looking at what else is installed beside them."""

import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import spec_from_file_location
from types import ModuleType


class PackageFinder:
    """Finds top-level packages by name, each in its folder."""

    def __init__(self, folders: Mapping[str, str]) -> None:
        self._folders = dict(folders)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """As `importlib.abc.MetaPathFinder` has it."""
        folder = self._folders.get(name)
        if folder is None or path is not None:
            return None
        return spec_from_file_location(
            name, f"{folder}/__init__.py", submodule_search_locations=[folder]
        )


def offer(folders: Mapping[str, str]) -> None:
    """Let these packages be imported, after the standard library's modules.

    The standard library's folder is listed now. Anyone's packages may lie within, so that the
    program may read what else is in it, but not list it.
    """
    PathFinder.find_spec("a module that is nowhere")
    sys.meta_path.append(PackageFinder(folders))
