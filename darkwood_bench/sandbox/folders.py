"""The folders that a jailed process needs to run Python and Polars at all."""

import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

INSIDE = Path(__file__).parent / "inside"
"""The program that a jailed process runs."""
SYSTEM_FOLDERS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64")
"""Beside /usr: links into it on most systems, folders on some."""


def system_folders() -> list[str]:
    """/usr, and those beside it that are there."""
    return [folder for folder in ("/usr", *SYSTEM_FOLDERS) if Path(folder).is_dir()]


def package_folders() -> list[Path]:
    """Folders that Polars and pyarrow are imported from, and the environment's own."""
    found = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    for package in ("polars", "pyarrow"):
        spec = find_spec(package)
        if spec is not None and spec.origin is not None:
            found.append(str(Path(spec.origin).parents[1]))
    return list(dict.fromkeys(Path(folder) for folder in found))


def interpreter_folders() -> list[Path]:
    """Where the interpreter and its library are, when they are not the system's."""
    base = Path(sys.base_prefix).resolve()
    folders = {base, Path(sys.executable).resolve().parent}
    outside = [folder for folder in folders if not folder.is_relative_to("/usr")]
    return [f for f in outside if not any(f != o and f.is_relative_to(o) for o in outside)]
