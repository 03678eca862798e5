"""Forking without the handlers that libraries register for it."""

import ctypes
import os
import signal
from collections.abc import Callable

from . import seccomp


def plain_fork() -> Callable[[], int]:
    """A fork(2) that calls no handlers (pthread_atfork(3), `os.register_at_fork`).

    Handlers put locks and counters in order that other threads could have left in disorder. Only
    the calling thread may be at work, then, and the copy must not start threads by way of
    libraries. What they touch, in Arrow's and Polars' allocators above all, is most of the pages
    that a copy would have to have made for itself at once.
    Raises KeyError for a machine whose call numbers are not known.
    """
    number = ctypes.c_long(seccomp.call_number("clone"))
    # The interpreter's lock is held throughout: the copy goes on in the same state.
    syscall = ctypes.PyDLL(None, use_errno=True).syscall
    arguments = (number, ctypes.c_ulong(signal.SIGCHLD), *[ctypes.c_ulong(0)] * 4)

    def fork() -> int:
        process = syscall(*arguments)
        if process < 0:
            error = ctypes.get_errno()
            raise OSError(error, f"fork: {os.strerror(error)}")
        return process

    return fork
