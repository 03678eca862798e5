"""Landlock: which files a process and its threads may touch, from now on.

Linux's own documentation: https://docs.kernel.org/userspace-api/landlock.html. Called through
ctypes, since neither libc nor Python has wrappers.
"""

import ctypes
import os
import stat
import struct
from collections.abc import Iterable, Mapping

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
        return _syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION_FLAG)
    except (OSError, AttributeError):
        return 0


def restrict_files(rights: Mapping[str, int]) -> None:
    """Allow the calling thread, and threads that it starts, these rights beneath these paths only.

    Everything that the kernel's version can deny is denied elsewhere. Needs no_new_privs.
    Raises OSError where the kernel refuses, FileNotFoundError for a path that is not there.
    """
    abi = landlock_abi()
    handled = (1 << _FS_BITS_BY_ABI.get(abi, _FS_BITS_NEWEST)) - 1
    attributes = struct.pack("=Q", handled)
    if abi >= 4:
        attributes += struct.pack("=Q", _NETWORK)
    if abi >= 6:
        attributes += struct.pack("=Q", _SCOPES)
    ruleset = _syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    try:
        for path, wanted in rights.items():
            _allow(ruleset, path, wanted & handled)
        _syscall(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def existing(paths: Iterable[str]) -> list[str]:
    """Those of the paths that are there."""
    return [path for path in paths if os.path.exists(path)]  # noqa: PTH110 - pathlib is slow here


def _allow(ruleset: int, path: str, rights: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _ON_FILES
        rule = struct.pack("=Qi", rights, descriptor)
        _syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
    finally:
        os.close(descriptor)


def _syscall(number: int, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    result = libc.syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result
