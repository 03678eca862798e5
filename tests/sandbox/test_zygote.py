"""What children that were forked from one zygote could have of one another."""

import json
import os
import select
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from test_attacks import interpreter_of

from darkwood_bench.sandbox import Sandbox, probe_isolation
from darkwood_bench.sandbox.inside import frames
from darkwood_bench.sandbox.inside.seccomp import call_number
from darkwood_bench.sandbox.limits import Limits
from darkwood_bench.sandbox.supervise import supervised

_MANY = 150
"""Children whose descriptors in the zygote go beyond the number that a child may open."""
_SETTLED_S = 60
_LONELY = 65531
"""A user with no processes."""


def _open_in(process: int) -> int:
    return len(os.listdir(f"/proc/{process}/fd"))  # noqa: PTH208


def _until_open(process: int, least: int) -> None:
    deadline = time.monotonic() + _SETTLED_S
    while _open_in(process) < least:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_child_inherits_none_of_the_descriptors_that_are_others(tables: dict[str, Path]) -> None:
    if not Path("/proc/self/fd").exists() or probe_isolation().level == "L0":
        pytest.skip("needs Linux and some isolation")
    with Sandbox(tables, Limits(wall_s=30)) as sandbox:
        children = [sandbox._zygote.fork() for _ in range(_MANY)]
        zygote = sandbox._zygote.process()
        assert zygote is not None
        _until_open(zygote, 2 * _MANY)
        for child in children[:10]:
            child.end()  # its numbers, which are low, are free again
        last = sandbox._zygote.fork()
        code = "import os\nprint(sorted(map(int, os.listdir('/proc/self/fd'))))\nresult = 1"
        message = [frames.pack(frames.NAMES, b"{}"), frames.pack(frames.CODE, code.encode())]
        with supervised(last, message, sandbox.limits) as seen:
            pass
        for child in children[10:]:
            child.end()
    # The standard three, the results, and the one that the listing itself takes.
    assert seen.stdout.decode().strip() == "[0, 1, 2, 3, 4]"


HIDDEN = """
import ctypes, io, os, struct, threading, time

def work():
    time.sleep(0.05)
    held = bytearray(200 << 20)
    held[::4096] = bytes(len(held[::4096]))
    buffer = io.BytesIO()
    pl.DataFrame({"x": [1]}).write_ipc_stream(buffer)
    data = buffer.getvalue()
    os.write(3, b"D" + struct.pack("<Q", len(data)) + data + b"Z" + bytes(8))
    WAIT

threading.Thread(target=work).start()
FIRST
"""
"""Ends the thread whose status tells of the process, or all of it as soon as it has answered."""


@pytest.mark.parametrize(
    ("first", "wait"),
    [
        ("ctypes.CDLL(None).syscall(EXIT, 0)", "while True: time.sleep(1)"),
        ("while True: time.sleep(1)", "os._exit(0)"),
    ],
    ids=["its first thread ends", "it ends at once"],
)
def test_memory_cannot_be_hidden(first: str, wait: str) -> None:
    if probe_isolation().level == "L0":
        pytest.skip("no isolation on this machine")
    code = HIDDEN.replace("FIRST", first).replace("WAIT", wait)
    with Sandbox({}, Limits(wall_s=30)) as sandbox:
        execution = sandbox.run(code.replace("EXIT", str(call_number("exit"))))
    assert execution.status == "ok", execution
    assert 200 << 20 <= execution.peak_memory_bytes < 300 << 20


CROWD = """
import ctypes, os, threading, time
libc = ctypes.CDLL(None)
attributes, thread = ctypes.create_string_buffer(128), ctypes.c_ulong()
libc.pthread_attr_init(attributes)
libc.pthread_attr_setstacksize(attributes, ctypes.c_size_t(32768))

def work():
    for _ in range(400):
        if libc.pthread_create(ctypes.byref(thread), attributes, libc.pause, None) != 0:
            os._exit(9)  # a limit of its own, or the user's
    while True:
        os.write(1, b".")
        time.sleep(0.02)

threading.Thread(target=work).start()
libc.syscall(EXIT, 0)
"""
"""Threads, with a sign of life all the time, and without the one that the status is read from."""


def test_threads_are_counted_however_it_hides() -> None:
    if not Path("/proc/self/fd").exists() or probe_isolation().level == "L0":
        pytest.skip("needs Linux and some isolation")
    with Sandbox({}, Limits(wall_s=60)) as sandbox:
        execution = sandbox.run(CROWD.replace("EXIT", str(call_number("exit"))))
    assert execution.status in ("oom", "exited_early"), execution
    assert execution.wall_s < 30


BOMB = """
import threading, time
threading.stack_size(32768)
until, started = time.monotonic() + 2, 0
while time.monotonic() < until:
    try:
        while True:
            threading.Thread(target=time.sleep, args=(9,), daemon=True).start()
            started += 1
    except RuntimeError:
        time.sleep(0.001)
print(started)
result = 1
"""
CROWDED = """
import json, resource, sys, threading, time
import darkwood_bench.sandbox.sandbox as sandbox_module
from darkwood_bench.sandbox import Limits, Sandbox, isolation, probe_isolation

isolation.bubblewraps = list
report = isolation.probe_isolation.__wrapped__()
sandbox_module.probe_isolation = lambda: report
with Sandbox({}, Limits(wall_s=20)) as sandbox:
    resource.setrlimit(resource.RLIMIT_NPROC, (60, 60))
    sandbox.run("result = 1")
    zygote = sandbox._zygote.process()
    ends = []
    bomb = threading.Thread(target=lambda: ends.append(sandbox.run(sys.argv[1])))
    bomb.start()
    time.sleep(1)
    beside = [sandbox.run("result = 1").status for _ in range(3)]
    bomb.join()
    after = sandbox.run("result = 1").status
    same = zygote == sandbox._zygote.process()
    print(json.dumps([report.level, ends[0].status, ends[0].stdout, same, after, beside[-1]]))
"""


def test_a_fork_that_fails_ends_nobody_else() -> None:
    """Where a user's processes are limited, the threads of one program may be all that it has."""
    command = interpreter_of("ordinary user")
    if isinstance(command, str) or os.geteuid() != 0:
        pytest.skip("needs root, for a user with no other processes")
    python, settings = command
    as_lonely: dict[str, Any] = settings | {"user": _LONELY, "group": _LONELY}
    ran = subprocess.run(
        [python, "-B", "-c", CROWDED, BOMB],
        capture_output=True,
        text=True,
        cwd="/",
        check=True,
        timeout=120,
        **as_lonely,
    )
    level, bomb, started, same, after, beside = json.loads(ran.stdout)
    if level != "L2":
        pytest.skip(f"the user has {level} here, not L2")
    assert (bomb, same, after) == ("runtime_error", True, "ok")  # no room for the engine either
    assert int(started) > 9
    assert beside == "setup_failed"  # for no fault of the program's


def test_children_end_with_the_zygote(tables: dict[str, Path]) -> None:
    """As it is when the supervisor is killed: nobody is left to end them."""
    if probe_isolation().level == "L0":
        pytest.skip("needs some isolation")
    with Sandbox(tables, Limits(wall_s=60)) as sandbox:
        child = sandbox._zygote.fork()
        code = b"print('at work', flush=True)\nimport time\ntime.sleep(50)\n"
        os.write(child.code, frames.pack(frames.NAMES, b"{}") + frames.pack(frames.CODE, code))
        deadline = time.monotonic() + _SETTLED_S
        while child.process is None or not select.select([child.stdout], [], [], 0.01)[0]:
            assert time.monotonic() < deadline
            child.hear()
        jailed = sandbox._zygote._jailed
        assert jailed is not None
        with socket.socket(fileno=os.dup(jailed.requests)) as requests:
            requests.shutdown(socket.SHUT_WR)
        while Path(f"/proc/{child.process}").exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        child.end()
