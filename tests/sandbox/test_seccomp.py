"""The filter's decisions, by running its program as the kernel would."""

import errno
import platform
import re
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkwood_bench.sandbox.inside.seccomp import Instruction, computing_program, program
from darkwood_bench.sandbox.inside.syscalls import ALLOWED, FILTERED, KILLED

ALLOW, KILL = 0x7FFF0000, 0x80000000
REFUSE = 0x00050000 | errno.EPERM
ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
PID = 7
MACHINES = pytest.mark.parametrize("machine", ARCHITECTURES)
LISTED = ALLOWED | KILLED | FILTERED
HEADERS = {
    "x86_64": ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", r"#define __NR_(\w+)\s+(\d+)"),
    "aarch64": ("/usr/include/asm-generic/unistd.h", r"#define __NR(?:3264)?_(\w+)\s+(\d+)"),
}
"""The kernel's tables as its C headers have them; arm64 has the generic one."""
GENERIC_NAMES = {"newfstatat": "fstatat"}


def decide(machine: str, name: str, *arguments: int) -> int:
    column, architecture = ARCHITECTURES[machine]
    number = (ALLOWED | KILLED | FILTERED)[name][column]
    assert number is not None
    return run(program(PID, machine), number, architecture, *arguments)


def decide_computing(machine: str, name: str, *arguments: int) -> int:
    column, architecture = ARCHITECTURES[machine]
    number = (ALLOWED | KILLED | FILTERED)[name][column]
    assert number is not None
    return run(computing_program(machine), number, architecture, *arguments)


def run(steps: list[Instruction], number: int, architecture: int, *arguments: int) -> int:
    """Classic BPF, as far as the filter uses it, over struct seccomp_data."""
    padded = (*arguments, *[0] * (6 - len(arguments)))
    data = struct.pack("<iIQ6Q", number, architecture, 0, *padded)
    position, value = 0, 0
    while True:
        code, if_true, if_false, operand = steps[position]
        position += 1
        if code == 0x20:
            value = struct.unpack_from("<I", data, operand)[0]
        elif code == 0x06:
            return operand
        else:
            holds = {0x15: value == operand, 0x35: value >= operand, 0x45: value & operand != 0}
            position += if_true if holds[code] else if_false


@MACHINES
def test_every_listed_call(machine: str) -> None:
    column, _ = ARCHITECTURES[machine]
    for table, decision in ((ALLOWED, ALLOW), (KILLED, KILL)):
        for name, numbers in table.items():
            if numbers[column] is not None:
                assert decide(machine, name) == decision, name


@MACHINES
def test_threads_but_no_processes(machine: str) -> None:
    assert decide(machine, "clone", 0x003D0F00) == ALLOW
    assert decide(machine, "clone", 17) == REFUSE
    assert decide(machine, "clone3") == 0x00050000 | errno.ENOSYS


@MACHINES
def test_signals_to_itself_only_and_none_that_hide_its_end(machine: str) -> None:
    assert decide(machine, "kill", PID, 6) == ALLOW
    assert decide(machine, "tgkill", PID, 8, 6) == ALLOW
    for pid, signal in ((PID, 9), (PID, 19), (1, 6), (0, 6), (2**32 - 1, 6)):
        assert decide(machine, "kill", pid, signal) == REFUSE
        assert decide(machine, "tgkill", pid, pid, signal) == REFUSE


@MACHINES
def test_calls_that_depend_on_an_argument(machine: str) -> None:
    assert decide(machine, "prlimit64", 0) == ALLOW
    assert decide(machine, "prlimit64", 1) == REFUSE
    for new_limit in (0x1000, 1 << 32):
        assert decide(machine, "prlimit64", 0, 7, new_limit) == REFUSE
    assert decide(machine, "prctl", 15) == ALLOW
    assert decide(machine, "prctl", 4, 1) == REFUSE
    assert decide(machine, "ioctl", 3, 0x5401) == ALLOW
    assert decide(machine, "ioctl", 0, 0x5412) == REFUSE  # TIOCSTI
    assert decide(machine, "fcntl", 3, 3) == ALLOW
    assert decide(machine, "fcntl", 3, 8, 1) == REFUSE  # F_SETOWN


@MACHINES
def test_what_is_not_listed_is_refused(machine: str) -> None:
    _, architecture = ARCHITECTURES[machine]
    socket = {"x86_64": 41, "aarch64": 198}[machine]
    assert run(program(PID, machine), socket, architecture) == REFUSE
    assert run(program(PID, machine), 9999, architecture) == REFUSE


def test_other_call_tables_of_the_same_machine_end_the_process() -> None:
    assert run(program(PID, "x86_64"), 0, 0x40000003) == KILL  # i386
    assert run(program(PID, "x86_64"), 0x40000000, 0xC000003E) == KILL  # x32
    assert run(program(PID, "aarch64"), 63, 0xC000003E) == KILL


@MACHINES
def test_what_only_computes_can_neither_wait_nor_open(machine: str) -> None:
    for name in ("write", "mmap", "exit_group", "brk"):
        assert decide_computing(machine, name) == ALLOW, name
    assert decide_computing(machine, "futex", 0, 129) == ALLOW
    waiting = ("read", "ppoll", "pselect6", "nanosleep", "clock_nanosleep", "epoll_pwait", "wait4")
    for name in (*waiting, "openat", "clone", "kill", "tgkill", "splice", "rt_sigsuspend"):
        assert decide_computing(machine, name) == REFUSE, name
    for operation in (0, 128, 9, 137):  # FUTEX_WAIT and its kin
        assert decide_computing(machine, "futex", 0, operation) == REFUSE
    assert run(computing_program(machine), 64, 0x40000003) == KILL


@settings(deadline=None)
@pytest.mark.parametrize("name", FILTERED)
@given(arguments=st.lists(st.integers(0, 2**64 - 1), max_size=6))
def test_both_kinds_of_machine_decide_alike(name: str, arguments: list[int]) -> None:
    """Those decided without a look at their arguments are in `test_every_listed_call`."""
    known = [PID, *range(20), 2**32 - 1]
    for tried in (arguments, [known[argument % len(known)] for argument in arguments]):
        decisions = {decide(machine, name, *tried) for machine in ARCHITECTURES}
        assert len(decisions) == 1


def test_what_one_kind_of_machine_lacks_the_other_has_under_a_newer_name() -> None:
    only = {name for name, (_, arm64) in LISTED.items() if arm64 is None}
    assert all(x86_64 is not None for x86_64, _ in LISTED.values())
    own = {"arch_prctl", "iopl", "ioperm", "modify_ldt", "time", "alarm", "pause", "getpgrp"}
    newer = {
        **{name: f"{name}at" for name in ("open", "mkdir", "unlink", "rename", "symlink")},
        "rmdir": "unlinkat",
        "readlink": "readlinkat",
        "access": "faccessat",
        "creat": "openat",
        "stat": "newfstatat",
        "lstat": "newfstatat",
        "getdents": "getdents64",
        "dup2": "dup3",
        "pipe": "pipe2",
        "eventfd": "eventfd2",
        "poll": "ppoll",
        "select": "pselect6",
        "epoll_create": "epoll_create1",
        "epoll_wait": "epoll_pwait",
    }
    assert only - own == newer.keys()
    assert all(ALLOWED[name][1] is not None for name in newer.values())


@MACHINES
def test_numbers_are_those_of_the_kernels_tables(machine: str) -> None:
    path, pattern = HEADERS[machine]
    if not Path(path).exists():
        pytest.skip(f"no {path}: the kernel's headers are not installed")
    table = {name: int(number) for name, number in re.findall(pattern, Path(path).read_text())}
    column, _ = ARCHITECTURES[machine]
    checked = 0
    for name, numbers in LISTED.items():
        known = table.get(GENERIC_NAMES.get(name, name), table.get(name))
        if known is not None:  # the headers may be older than the call
            assert numbers[column] == known, name
            checked += 1
    assert checked > 150


@MACHINES
def test_no_number_is_listed_twice(machine: str) -> None:
    column, _ = ARCHITECTURES[machine]
    numbers = [pair[column] for pair in LISTED.values() if pair[column] is not None]
    assert len(numbers) == len(set(numbers))
    assert len(LISTED) == len(ALLOWED) + len(KILLED) + len(FILTERED)


def test_numbers_are_those_of_this_kernel() -> None:
    """Spot checks against calls that Python can make by number."""
    if platform.machine() != "x86_64":
        pytest.skip("numbers checked on x86-64")
    import ctypes
    import os

    libc = ctypes.CDLL(None)
    calls = {"getpid": os.getpid, "getuid": os.getuid, "getppid": os.getppid}
    for name, call in calls.items():
        assert libc.syscall(ALLOWED[name][0]) == call()
