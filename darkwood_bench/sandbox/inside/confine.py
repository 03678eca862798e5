"""The order in which a jailed process gives things up, before it imports or reads anything."""

import ctypes
import os
import sys

from . import landlock, privileges, seccomp
from .spec import Spec

_MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 2, 4, 8
_SCRATCH_FILES = 512
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")


def keep_descriptors(spec: Spec) -> None:
    """Results on descriptor 3, code on 4, the standard three; every other one is closed."""
    result, code = os.dup(spec.result_fd), os.dup(spec.code_fd)
    spare = max(result, code, 4) + 1
    result, code = _move(result, spare), _move(code, spare + 1)
    os.dup2(result, 3, inheritable=False)
    os.dup2(code, 4, inheritable=False)
    os.closerange(5, os.sysconf("SC_OPEN_MAX"))


def _move(descriptor: int, target: int) -> int:
    return os.dup2(descriptor, target, inheritable=False)


def confine(spec: Spec, system_calls: bool = True) -> None:
    """Apply every layer that the spec asks for; files and system calls last, since they forbid the
    steps before. With `system_calls` false, that last one is left to the caller.

    Raises OSError when one does not hold.
    """
    if spec.mount_scratch:
        mount_scratch(spec)
    if spec.uid is not None:
        privileges.become(spec.uid)
    os.chdir(spec.scratch)
    privileges.limit_resources(spec)
    if sys.platform == "linux":
        privileges.drop_privileges()
    if spec.landlock:
        landlock.restrict_files(_rights(spec))
    if spec.seccomp and system_calls:
        seccomp.restrict_system_calls()


def mount_scratch(spec: Spec) -> None:
    """A private tmpfs, limited in bytes and files, that nothing can be executed from."""
    libc = ctypes.CDLL(None, use_errno=True)
    owner = 0 if spec.uid is None else spec.uid
    options = (
        f"size={spec.scratch_bytes},nr_inodes={_SCRATCH_FILES},mode=0700,uid={owner},gid={owner}"
    )
    flags = ctypes.c_ulong(_MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
    if libc.mount(b"tmpfs", spec.scratch.encode(), b"tmpfs", flags, options.encode()) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"mount {spec.scratch}: {os.strerror(error)}")


def _rights(spec: Spec) -> dict[str, int]:
    rights = dict.fromkeys(spec.readable, landlock.READ_AND_EXECUTE)
    rights |= dict.fromkeys(landlock.existing(_DEVICES), landlock.READ_FILE)
    rights[os.devnull] = landlock.READ_FILE | landlock.WRITE_FILE
    rights[f"/proc/{os.getpid()}"] = landlock.READ
    # Only a mount has a limit to what it holds; elsewhere nothing is written.
    rights[spec.scratch] = landlock.SCRATCH if spec.mount_scratch else landlock.READ
    return rights
