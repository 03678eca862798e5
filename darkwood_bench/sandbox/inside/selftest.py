"""Which layers hold here: each is applied, then tried, by a process that can afford to lose."""

import json
import os
import socket
from collections.abc import Callable

from . import frames, landlock, privileges, seccomp
from .confine import keep_descriptors, leave_namespaces, mount_scratch
from .landlock import READ_AND_EXECUTE
from .spec import Spec


def main(spec: Spec) -> None:
    """Report on descriptor 3, as JSON: a layer's name to None, or to what is wrong with it."""
    keep_descriptors(spec)
    report = {
        "private scratch": _try(lambda: _scratch(spec)),
        "unprivileged user": _try(lambda: _user(spec)),
        "privileges": _try(privileges.drop_privileges),
        "landlock": _try(lambda: _landlock(spec)),
        "seccomp": _try(_seccomp),
    }
    frames.write_frame(3, frames.META, json.dumps(report).encode())


def _try(step: Callable[[], None]) -> str | None:
    try:
        step()
    except (OSError, KeyError, AttributeError, RuntimeError) as error:
        return f"{type(error).__name__}: {error}"
    return None


def _scratch(spec: Spec) -> None:
    if not spec.mount_scratch:
        raise RuntimeError("needs a mount namespace")
    leave_namespaces(spec)
    mount_scratch(spec, None)


def _user(spec: Spec) -> None:
    if spec.uid is None:
        raise RuntimeError("only root can become another user")
    privileges.become(spec.uid)
    for folder in spec.packages.values():
        os.listdir(folder)  # noqa: PTH208


def _landlock(spec: Spec) -> None:
    if not landlock.landlock_abi():
        raise RuntimeError("the kernel has no Landlock, or it is off")
    landlock.restrict_files(landlock.rule(path, READ_AND_EXECUTE) for path in spec.readable)
    _must_fail("listing / under Landlock", lambda: os.listdir("/"))  # noqa: PTH208


def _seccomp() -> None:
    if not seccomp.supported():
        raise RuntimeError("no filter for this kind of processor")
    seccomp.restrict_system_calls(seccomp.template())
    _must_fail("a socket under seccomp", lambda: socket.socket().close())
    _must_fail("a fork under seccomp", _fork)


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def _must_fail(what: str, step: Callable[[], object]) -> None:
    try:
        step()
    except PermissionError:
        return
    raise RuntimeError(f"{what} was possible")
