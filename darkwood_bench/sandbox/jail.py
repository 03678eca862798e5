"""Starting a confined process: under bubblewrap where there is a way to, else directly.

What is confined from within (Landlock, seccomp, limits) is in `inside.confine`; here is what can
only be done from outside: namespaces, which files exist at all, an empty environment.
"""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from random import SystemRandom

from darkwood_bench.sandbox.bubblewrap import (
    HUGE_PAGES,
    PACKAGES,
    PROGRAM,
    SCRATCH,
    TABLES,
    bubblewrap_command,
)
from darkwood_bench.sandbox.folders import (
    INSIDE,
    package_folders,
    readable_paths,
    system_folders,
)
from darkwood_bench.sandbox.inside.spec import Spec
from darkwood_bench.sandbox.jailed import Jailed
from darkwood_bench.temporary import make_temporary

FIRST_UID, UIDS = 1 << 30, 1 << 24
"""Users that no machine has: one of them, drawn anew, for every process that root starts."""
SCRATCH_FOLDERS = "darkwood-scratch-"
"""Folders that programs start in where there is no namespace to mount one in."""
_SPARE_PROCESSES = 40
"""Threads beyond the engine's pool: the allocator's, the engine's own, the program's."""


@dataclass(frozen=True)
class Confinement:
    """Which means to use; `isolation` finds out which work."""

    bubblewrap: Path | None = None
    user_namespace: bool = False
    """A namespace of its own for users, needed by bubblewrap unless root starts it."""
    other_user: bool = False
    """Whether root's children become a user that does not exist."""
    landlock: bool = False
    seccomp: bool = False


def start(
    part: str,
    confinement: Confinement,
    *,
    tables: Mapping[str, Path] | None = None,
    memory_bytes: int = 1 << 30,
    cpu_s: int = 60,
    scratch_bytes: int = 1 << 20,
    threads: int = 1,
) -> Jailed:
    """Start one part of `inside`. Raises OSError when the process cannot be started."""
    jailed = confinement.bubblewrap is not None
    tables = tables or {}
    scratch = None if jailed else make_temporary(SCRATCH_FOLDERS)
    places = {name: f"{TABLES}/{name}{path.suffix}" for name, path in tables.items()}
    spec = Spec(
        packages=_packages(jailed),
        scratch=SCRATCH if jailed else str(scratch),
        scratch_bytes=scratch_bytes,
        readable=_readable(jailed),
        mount_scratch=jailed,
        own_user_namespace=confinement.user_namespace,
        uid=FIRST_UID + SystemRandom().randrange(UIDS) if confinement.other_user else None,
        landlock=confinement.landlock,
        seccomp=confinement.seccomp,
        max_processes=_max_processes(confinement, threads),
        tables=places if jailed else {name: str(path) for name, path in tables.items()},
        memory_bytes=memory_bytes,
        cpu_s=cpu_s,
        threads=threads,
        huge_pages=_huge_pages(),
    )
    try:
        return _spawn(part, spec, confinement, tables, places, scratch)
    except BaseException:
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)
        raise


def _spawn(
    part: str,
    spec: Spec,
    confinement: Confinement,
    tables: Mapping[str, Path],
    places: Mapping[str, str],
    scratch: Path | None,
) -> Jailed:
    jailed = confinement.bubblewrap is not None
    ours, theirs = _pipe_ends(part)
    requests = theirs[0]
    results, stdout, stderr, information = theirs[1:]
    spec = replace(spec, result_fd=results, code_fd=requests)
    command = _python(part, spec, jailed)
    if confinement.bubblewrap is not None:
        binds = [(path, places[name]) for name, path in tables.items()]
        command = (
            bubblewrap_command(
                confinement.bubblewrap, confinement.user_namespace, binds, information
            )
            + command
        )
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            env=_environment(spec),
            cwd="/",
            pass_fds=(results, requests, information),
            start_new_session=True,
        )
    except BaseException:
        for descriptor in ours:
            os.close(descriptor)
        raise
    finally:
        for descriptor in theirs:
            os.close(descriptor)
    for descriptor in ours:
        os.set_blocking(descriptor, False)
    our_requests, results, stdout, stderr, information = ours
    return Jailed(process, results, our_requests, stdout, stderr, information, jailed, scratch)


def _pipe_ends(part: str) -> tuple[list[int], list[int]]:
    """The supervisor's ends and the process's: requests, results, stdout, stderr, information.

    Raises OSError, with nothing left open, when there are too few descriptors.
    """
    ours, theirs = [], []
    with ExitStack() as made:
        for what in ("requests", "results", "stdout", "stderr", "information"):
            by_socket = (part, what) == ("zygote", "requests")
            reading, writing = _sockets() if by_socket else os.pipe()
            made.callback(os.close, reading)
            made.callback(os.close, writing)
            ours.append(writing if what == "requests" else reading)
            theirs.append(reading if what == "requests" else writing)
        made.pop_all()
    return ours, theirs


def _sockets() -> tuple[int, int]:
    """Two ends that keep messages apart and can carry descriptors."""
    theirs, ours = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    return theirs.detach(), ours.detach()


def _python(part: str, spec: Spec, jailed: bool) -> list[str]:
    """The interpreter without site, environment or working folder on its path."""
    folder = PROGRAM if jailed else str(INSIDE.parent)
    code = (
        f"import sys; sys.path.insert(0, {folder!r}); from inside.start import main; "
        "del sys.path[0]; main()"
    )
    executable = str(Path(sys.executable).resolve())
    return [executable, "-S", "-s", "-P", "-B", "-c", code, part, spec.to_json()]


def _environment(spec: Spec) -> dict[str, str]:
    """All that a jailed process has; none of it is the caller's."""
    memory_mb = str(max(1, spec.memory_bytes >> 20))
    return {
        "HOME": spec.scratch,
        "TMPDIR": spec.scratch,
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "POLARS_MAX_THREADS": str(spec.threads),
        # Its default follows the machine's memory, and with it what a query spills.
        "POLARS_OOC_MEMORY_BUDGET_MB": memory_mb,
        "POLARS_TEMP_DIR": spec.scratch,
        # An arena for each thread would reserve address space that the program's limit counts.
        "MALLOC_ARENA_MAX": "2",
        "OPENBLAS_NUM_THREADS": str(spec.threads),
        # Threads of the allocator's own do not survive a fork. A fork copies an entry for each page
        # of the tables: 16 ms for 400 MB in small pages.
        "_RJEM_MALLOC_CONF": "background_thread:false,narenas:1,thp:always",
    }


def _huge_pages() -> bool:
    """Whether anonymous memory can be in huge pages: always, or where a process asks for it."""
    try:
        return "[never]" not in (HUGE_PAGES / "enabled").read_text("ascii")
    except OSError:
        return False


def _max_processes(confinement: Confinement, threads: int) -> int | None:
    own_count = confinement.other_user or confinement.user_namespace
    return threads + _SPARE_PROCESSES if own_count else None


def _packages(jailed: bool) -> dict[str, str]:
    folders = package_folders()
    return {name: f"{PACKAGES}/{name}" if jailed else str(folders[name]) for name in folders}


def _readable(jailed: bool) -> list[str]:
    """In a jail of bubblewrap's, what it shows at all."""
    if jailed:
        return [*map(str, system_folders()), PACKAGES, PROGRAM]
    return [*map(str, readable_paths()), *_packages(jailed).values(), str(INSIDE)]
