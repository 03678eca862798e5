"""Landlock: which files a process and its threads may touch, from now on.

Linux's own documentation: https://docs.kernel.org/userspace-api/landlock.html. Called through
ctypes, since neither libc nor Python has wrappers.
"""

import ctypes
import os
import stat
import struct
from collections.abc import Iterable
from functools import cache

from .libc import LIBC, check

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_PATH_BENEATH = 1

EXECUTE = 1 << 0
WRITE_FILE = 1 << 1
READ_FILE = 1 << 2
READ_DIR = 1 << 3
REMOVE_DIR = 1 << 4
REMOVE_FILE = 1 << 5
MAKE_DIR = 1 << 7
MAKE_REG = 1 << 8
MAKE_SYM = 1 << 12
REFER = 1 << 13
TRUNCATE = 1 << 14

READ = READ_FILE | READ_DIR
READ_AND_EXECUTE = READ | EXECUTE
SCRATCH = (
    READ | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | MAKE_SYM | REFER | TRUNCATE
)
_ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE

_FS_BITS_BY_ABI = {1: 13, 2: 14, 3: 15, 4: 15}
_FS_BITS_NEWEST = 16
_NETWORK = 0b11
"""Binding and connecting TCP, from ABI 4."""
_SCOPES = 0b11
"""Abstract unix sockets and signals to processes outside, from ABI 6."""


def landlock_abi() -> int:
    """The kernel's Landlock version; 0 where it has none or it is off."""
    try:
        asked = LIBC.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION_FLAG)
        return check(asked, "landlock_create_ruleset")
    except (OSError, AttributeError):
        return 0


def restrict_files(rules: Iterable[tuple[int, int]]) -> None:
    """Allow the calling thread, and threads that it starts, what the rules say and nothing else.

    A rule is a descriptor of a file or folder, with the rights beneath it (see `rule`). Everything
    that the kernel's version can deny is denied elsewhere. Needs no_new_privs.
    Raises OSError where the kernel refuses.
    """
    handled, attributes = _handled()
    size = ctypes.c_size_t(len(attributes))
    ruleset = check(LIBC.syscall(_CREATE_RULESET, attributes, size, 0), "landlock_create_ruleset")
    try:
        for descriptor, rights in rules:
            beneath = struct.pack("=Qi", rights & handled, descriptor)
            added = LIBC.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, beneath, 0)
            check(added, "landlock_add_rule")
        check(LIBC.syscall(_RESTRICT_SELF, ruleset, 0), "landlock_restrict_self")
    finally:
        os.close(ruleset)


def rule(path: str, rights: int) -> tuple[int, int]:
    """A descriptor of the path, opened for nothing but to name it, and the rights that it can have.

    Raises FileNotFoundError for a path that is not there.
    """
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
        rights &= _ON_FILES
    return descriptor, rights


def existing(paths: Iterable[str]) -> list[str]:
    """Those of the paths that are there."""
    return [path for path in paths if os.path.exists(path)]  # noqa: PTH110 - pathlib is slow here


@cache
def _handled() -> tuple[int, bytes]:
    """The file rights that this kernel can deny, and struct landlock_ruleset_attr for all of what
    it can."""
    abi = landlock_abi()
    handled = (1 << _FS_BITS_BY_ABI.get(abi, _FS_BITS_NEWEST)) - 1
    attributes = struct.pack("=Q", handled)
    if abi >= 4:
        attributes += struct.pack("=Q", _NETWORK)
    if abi >= 6:
        attributes += struct.pack("=Q", _SCOPES)
    return handled, attributes
