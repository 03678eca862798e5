"""What is said of machines that give less than L3."""

from dataclasses import replace

import pytest

from darkwood_bench.sandbox import IsolationReport, Machine, diagnose, probe_isolation, this_machine
from darkwood_bench.sandbox.diagnosis import LEVEL_MEANINGS
from darkwood_bench.sandbox.isolation import LEVELS
from darkwood_bench.sandbox.jail import Confinement

LAYERS = ("bubblewrap", "landlock", "seccomp", "resource limits")


def report_without(*names: str) -> IsolationReport:
    held = tuple(name for name in LAYERS if name not in names)
    missing = tuple(f"{name}: it: does not work" for name in names)
    return IsolationReport("L1", held, missing, (), Confinement())


@pytest.mark.parametrize(
    ("layer", "machine", "fix"),
    [
        ("bubblewrap", Machine(bubblewrap=False), "apt install bubblewrap"),
        ("bubblewrap", Machine(system="darwin"), "virtual machine"),
        ("bubblewrap", Machine(most_user_namespaces=0), "user.max_user_namespaces=15000"),
        ("bubblewrap", Machine(users_make_namespaces=False), "unprivileged_userns_clone=1"),
        (
            "bubblewrap",
            Machine(apparmor_restricts_namespaces=True),
            "kernel.apparmor_restrict_unprivileged_userns=0",
        ),
        ("bubblewrap", Machine(container="Docker"), "--security-opt seccomp=unconfined"),
        ("bubblewrap", Machine(), "bwrap --unshare-all"),
        ("landlock", Machine(kernel=(5, 10)), "Linux 5.13 or newer has it; this is 5.10"),
        (
            "landlock",
            Machine(security_modules=("capability", "apparmor")),
            "lsm=landlock,capability,apparmor",
        ),
        ("landlock", Machine(container="Podman"), "update Podman"),
        ("landlock", Machine(), "CONFIG_SECURITY_LANDLOCK"),
        ("seccomp", Machine(processor="ppc64le"), "this is ppc64le"),
        ("seccomp", Machine(container="Docker"), "gVisor"),
        ("seccomp", Machine(), "CONFIG_SECCOMP_FILTER"),
    ],
)
def test_a_layer_that_does_not_hold_says_what_would_bring_it(
    layer: str, machine: Machine, fix: str
) -> None:
    found = {one.name: one for one in diagnose(report_without(layer), machine)}
    assert fix in found[layer].fix
    assert found[layer].found == "it: does not work"
    assert not found[layer].holds
    for other in set(LAYERS) - {layer}:
        assert found[other].holds
        assert not found[other].fix


def test_another_user_is_for_root_only() -> None:
    for root in (True, False):
        machine = replace(Machine(), root=root)
        names = [layer.name for layer in diagnose(report_without(), machine)]
        assert ("other user" in names) == root


def test_this_machine_is_told_truly() -> None:
    machine, report = this_machine(), probe_isolation()
    assert machine.kernel > (3, 0)
    assert (machine.landlock_abi > 0) >= ("landlock" in report.layers)
    held = {layer.name for layer in diagnose(report, machine) if layer.holds}
    assert held == set(report.layers) - {"user namespace"}


def test_every_level_has_a_meaning() -> None:
    assert sorted(LEVEL_MEANINGS) == sorted(LEVELS)
