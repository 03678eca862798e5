"""The C library, for what Python has no function for."""

import ctypes
import os

LIBC = ctypes.PyDLL(None, use_errno=True)
"""Called without letting go of the interpreter's lock: these calls are short, and a process that
is forked through it must hold that lock."""
LIBC.syscall.restype = ctypes.c_long


def check(result: int, what: str) -> int:
    """The result of a call. Raises OSError, naming the call, when it is negative."""
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")
    return result
