"""Giving up what a process could do beyond computing: user, capabilities, resources."""

import os
import resource
import struct
from contextlib import suppress

from .libc import LIBC, check
from .spec import Spec

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_CAPABILITY_VERSION = 0x20080522
_CAPABILITIES = 64
_SIGKILL = 9
_OPEN_FILES = 256
_LINE_BYTES = 200


def limit_resources(spec: Spec) -> None:
    """Limits that hold from the start."""
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, spec.scratch_bytes)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _limit(resource.RLIMIT_MEMLOCK, 0)
    if spec.max_processes is not None:
        _limit(resource.RLIMIT_NPROC, spec.max_processes)


def open_as_many_files_as_allowed() -> None:
    """For a process that holds many for others."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def limit_program(address_space: int, cpu_s: int) -> None:
    """Limits of the program: CPU seconds on top of what was used so far, and address space."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu_used = int(used.ru_utime + used.ru_stime) + 1
    # The soft limit's signal says why; the hard one is for those that ignore it.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_used + cpu_s, cpu_used + cpu_s + 1))
    limit_address_space(address_space)


def limit_address_space(most_bytes: int) -> None:
    """Of this process, and each that it forks."""
    _limit(resource.RLIMIT_AS, most_bytes)


def be_the_first_to_go() -> None:
    """Have the kernel end this process rather than another when a group's memory is full."""
    with suppress(OSError):  # where there is no such file: the limit of address space holds all
        descriptor = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
        os.write(descriptor, b"1000")
        os.close(descriptor)


def address_space() -> int:
    """Bytes of address space that the process has now."""
    # Not open(): a decoder of text is a millisecond of copied pages to a process just forked.
    descriptor = os.open("/proc/self/statm", os.O_RDONLY)
    pages = int(os.read(descriptor, _LINE_BYTES).split()[0])
    os.close(descriptor)
    return pages * resource.getpagesize()


def become(uid: int) -> None:
    """Become an unprivileged user without groups. Needs CAP_SETUID and CAP_SETGID."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def drop_privileges() -> None:
    """No capabilities, none to be had by running programs, no dumps, death with the parent.

    Raises OSError where the kernel refuses.
    """
    LIBC.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    check(LIBC.capset(struct.pack("=Ii", _CAPABILITY_VERSION, 0), bytes(24)), "capset")
    forbid_new_privileges()
    for option, value in (
        (_PR_SET_DUMPABLE, 0),
        (_PR_SET_PDEATHSIG, _SIGKILL),
    ):
        check(LIBC.prctl(option, value, 0, 0, 0), f"prctl {option}")


def forbid_new_privileges() -> None:
    """Whatever this process or its forks run, they gain nothing by it; Landlock asks for that.

    Raises OSError where the kernel refuses.
    """
    check(LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl no_new_privs")


def gain_none() -> None:
    """Let no program that this process or its children run gain capabilities. It keeps its own."""
    for capability in range(_CAPABILITIES):
        LIBC.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)  # refused without CAP_SETPCAP: harmless


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value, value))
