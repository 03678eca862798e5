"""The order in which a jailed process gives things up, before it runs or reads anything.

What is the same for every process of a jail is got ready once (`prepare`), since a process that
lives for milliseconds must not spend them on opening folders and assembling a filter.
"""

import ctypes
import os
from dataclasses import dataclass, replace

from . import landlock, privileges, seccomp
from .libc import LIBC, check
from .spec import Spec

_MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 2, 4, 8
_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000
_SCRATCH_FILES = 512
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")


@dataclass(frozen=True)
class Prepared:
    """What confines a process, but for what is its own: scratch folder, user, process id."""

    spec: Spec
    rules: tuple[tuple[int, int], ...]
    """Descriptors of what may be read, each with its Landlock rights; `confine` closes them."""
    filter_template: bytes


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


def prepare(spec: Spec) -> Prepared:
    """Open what the rules name and assemble the filter.

    Raises OSError for a path that is not there, KeyError for a machine without a filter.
    """
    rights = _shared_rights(spec).items() if spec.landlock else ()
    rules = tuple(landlock.rule(path, wanted) for path, wanted in rights)
    return Prepared(spec, rules, seccomp.template() if spec.seccomp else b"")


def confine_forks(prepared: Prepared) -> Prepared:
    """Apply what all forks of this process have in common, and return what is left for each.

    Where nothing is mounted, this process can give up all but the files that its forks may read;
    a fork then needs rules for no more than the folders that these lie in, to leave out of /proc
    what is not its own. There are hundreds of the former: packages of anyone lie among them.
    """
    spec = prepared.spec
    if spec.mount_scratch or not spec.landlock:
        return prepared
    privileges.forbid_new_privileges()
    of_all = {"/proc": landlock.READ | landlock.WRITE_FILE, spec.scratch: _scratch_rights(spec)}
    landlock.restrict_files(
        (*prepared.rules, *(landlock.rule(path, rights) for path, rights in of_all.items()))
    )
    outer = dict.fromkeys(_outermost_folders(spec.readable), landlock.READ_AND_EXECUTE)
    outer |= dict.fromkeys(landlock.existing(_DEVICES), landlock.READ_FILE)
    outer[os.devnull] = landlock.READ_FILE | landlock.WRITE_FILE
    return replace(prepared, rules=tuple(landlock.rule(path, r) for path, r in outer.items()))


def _outermost_folders(paths: list[str]) -> list[str]:
    """The folders of the root that the paths lie in; /proc is never among them."""
    first = dict.fromkeys("/" + path.split("/")[1] for path in paths)
    return [folder for folder in first if folder != "/proc"]


def confine(prepared: Prepared, uid: int | None, system_calls: bool = True) -> None:
    """Apply every layer that the spec asks for; files and system calls last, since they forbid the
    steps before. With `system_calls` false, that last one is left to the caller.

    Raises OSError when one does not hold.
    """
    spec = prepared.spec
    if spec.mount_scratch:
        leave_namespaces(spec)
        mount_scratch(spec, uid)
    if uid is not None:
        privileges.become(uid)
    os.chdir(spec.scratch)
    privileges.drop_privileges()
    if spec.landlock:
        own = {f"/proc/{os.getpid()}": landlock.READ, spec.scratch: _scratch_rights(spec)}
        own_rules = [landlock.rule(path, rights) for path, rights in own.items()]
        landlock.restrict_files((*prepared.rules, *own_rules))
        for descriptor, _ in (*prepared.rules, *own_rules):
            os.close(descriptor)
    privileges.limit_resources(spec)
    if spec.seccomp and system_calls:
        seccomp.restrict_system_calls(prepared.filter_template)


def leave_namespaces(spec: Spec) -> None:
    """Have mounts of its own, and where one user stands for all, a count of processes of its own.

    A user's processes are counted by user namespace, so that in one of its own a program that
    starts threads without end takes none from the program beside it.
    """
    if not spec.own_user_namespace:
        check(LIBC.unshare(_CLONE_NEWNS), "unshare")
        return
    check(LIBC.unshare(_CLONE_NEWNS | _CLONE_NEWUSER), "unshare")
    for file, text in (("setgroups", b"deny"), ("uid_map", b"0 0 1"), ("gid_map", b"0 0 1")):
        descriptor = os.open(f"/proc/self/{file}", os.O_WRONLY)
        os.write(descriptor, text)
        os.close(descriptor)


def mount_scratch(spec: Spec, uid: int | None) -> None:
    """A private tmpfs, limited in bytes and files, that nothing can be executed from."""
    owner = 0 if uid is None else uid
    options = (
        f"size={spec.scratch_bytes},nr_inodes={_SCRATCH_FILES},mode=0700,uid={owner},gid={owner}"
    )
    flags = ctypes.c_ulong(_MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
    mounted = LIBC.mount(b"tmpfs", spec.scratch.encode(), b"tmpfs", flags, options.encode())
    check(mounted, f"mount {spec.scratch}")


def _shared_rights(spec: Spec) -> dict[str, int]:
    rights = dict.fromkeys(spec.readable, landlock.READ_AND_EXECUTE)
    rights |= dict.fromkeys(landlock.existing(_DEVICES), landlock.READ_FILE)
    rights[os.devnull] = landlock.READ_FILE | landlock.WRITE_FILE
    return rights


def _scratch_rights(spec: Spec) -> int:
    # Only a mount has a limit to what it holds; elsewhere nothing is written.
    return landlock.SCRATCH if spec.mount_scratch else landlock.READ
