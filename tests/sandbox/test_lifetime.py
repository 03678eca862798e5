"""What a sandbox leaves behind, and what it makes of ends that no program brought about."""

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import psutil
import pytest

from darkwood_bench.sandbox import Brought, Program, Sandbox, SandboxError, probe_isolation
from darkwood_bench.sandbox.limits import Limits

_SETTLED_S = 60
_OF_A_CHILD = 11
"""Descriptors that asking for a child takes for a moment."""


@pytest.fixture(autouse=True)
def _isolated() -> None:
    if probe_isolation().level == "L0":
        pytest.skip("no isolation on this machine")


@pytest.fixture
def own() -> Iterator[psutil.Process]:
    """This process; afterwards it must have what it had before."""
    process = psutil.Process()
    children, descriptors = set(process.children(recursive=True)), process.num_fds()
    yield process
    deadline = time.monotonic() + _SETTLED_S
    while set(process.children(recursive=True)) - children:
        assert time.monotonic() < deadline, "a process is left behind"
        time.sleep(0.05)
    assert process.num_fds() == descriptors


def test_nothing_starts_once_a_sandbox_is_closed(
    own: psutil.Process, tables: dict[str, Path]
) -> None:
    sandbox = Sandbox(tables)
    with sandbox:
        assert sandbox.run("result = 1").status == "ok"
    with pytest.raises(SandboxError, match="closed"):
        sandbox.run("result = 1")
    with pytest.raises(SandboxError, match="closed"), sandbox:
        pass


def test_programs_that_run_when_it_closes_end_with_it(own: psutil.Process) -> None:
    with Sandbox({}, Limits(wall_s=60)) as sandbox:
        slow = ["result = 1", *["import time\ntime.sleep(50)"] * 4]
        executions = sandbox.run_many(slow, concurrency=2)
        assert next(executions).status == "ok"
        closing = time.monotonic()
    with pytest.raises(SandboxError, match="closed"):
        list(executions)
    assert time.monotonic() - closing < 45


@pytest.mark.parametrize("tables", [{}, {"cards": Brought("csv", b"a\n" + b"1\n" * 100_000)}])
def test_a_program_that_nobody_waits_for_any_more_is_killed(
    own: psutil.Process, tables: dict[str, Brought]
) -> None:
    cancelled = threading.Event()
    with Sandbox({}, Limits(wall_s=60)) as sandbox:
        assert sandbox.run("result = 1").status == "ok"
        threading.Timer(1, cancelled.set).start()
        began = time.monotonic()
        program = Program("import time\ntime.sleep(50)", {}, tables)
        assert sandbox.run(program, cancelled=cancelled).status == "killed"
        # One that is set already ends what comes, and is no reason to try again.
        assert sandbox.run("import time\ntime.sleep(50)", cancelled=cancelled).status == "killed"
        assert time.monotonic() - began < 20
        assert sandbox.run("result = 1").status == "ok"


def test_programs_over_a_table_that_cannot_be_read_leave_nothing(
    own: psutil.Process, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"not Parquet")
    with Sandbox({"broken": broken}) as sandbox:
        program = Program("result = broken", {"broken": "broken"})
        assert sandbox.run(program).status == "setup_failed"
        descriptors = own.num_fds()
        for _ in range(3):
            assert "table broken: " in (sandbox.run(program).error_message or "")
        assert own.num_fds() == descriptors


def test_a_long_text_about_one_table_does_not_harm_the_others(
    own: psutil.Process, tables: dict[str, Path], tmp_path: Path
) -> None:
    long = tmp_path / "long.csv"
    long.write_text("a\n" + "1\n" * 200 + "x" * 200_000 + "\n")
    with Sandbox({**tables, "long": long}) as sandbox:
        assert sandbox.run(Program("result = orders", {"orders": "orders"})).status == "ok"
        refused = sandbox.run(Program("result = long", {"long": "long"}))
    assert refused.status == "setup_failed"
    assert len(refused.error_message or "") < 1000


def test_a_child_that_is_killed_while_it_waits_is_no_programs_end(own: psutil.Process) -> None:
    with Sandbox({}) as sandbox:
        sandbox.run("result = 1")
        waiting = sandbox._children._parked[0]
        assert waiting.is_waiting()
        deadline = time.monotonic() + _SETTLED_S
        while waiting.watch is None:
            assert waiting.is_waiting()
            assert time.monotonic() < deadline
        signal.pidfd_send_signal(waiting.watch, signal.SIGKILL)
        while waiting.is_waiting():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert sandbox.run("result = 1").status == "ok"


def test_an_interrupted_reading_is_not_answered_to_the_next_program(
    own: psutil.Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, interrupts = os.read, [KeyboardInterrupt()]

    def interrupted_once(descriptor: int, most_bytes: int) -> bytes:
        if interrupts:
            raise interrupts.pop()
        return read(descriptor, most_bytes)

    first = pl.DataFrame({"result": [[1]]}).write_ipc_stream(None).getvalue()
    with Sandbox({}) as sandbox:
        assert sandbox.run("result = 0").status == "ok"
        with monkeypatch.context() as patch:
            patch.setattr(os, "read", interrupted_once)
            with pytest.raises(KeyboardInterrupt):
                sandbox._payloads.read(first, {})
        second = sandbox.run("result = 2")
    assert second.result is not None
    assert second.result.item() == 2


def test_without_descriptors_nothing_else_ends_and_none_is_lost(own: psutil.Process) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with Sandbox({}) as sandbox:
        assert sandbox.run("result = 1").status == "ok"
        zygote = sandbox._zygote.process()
        while sandbox._children._parked:
            sandbox._children._parked.pop().end()
        held = own.num_fds()
        first_free = os.dup(0)
        os.close(first_free)
        for spare in range(_OF_A_CHILD):
            resource.setrlimit(resource.RLIMIT_NOFILE, (first_free + spare, hard))
            try:
                with pytest.raises(SandboxError, match="no pipes"):
                    sandbox._zygote.fork()
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            assert own.num_fds() == held
        assert sandbox.run("result = 1").status == "ok"
        assert sandbox._zygote.process() == zygote


def test_a_fork_of_the_supervisor_neither_uses_nor_ends_its_sandbox(own: psutil.Process) -> None:
    with Sandbox({}) as sandbox:
        assert sandbox.run("result = 1").status == "ok"
        copy = os.fork()
        if copy == 0:
            try:
                with sandbox:
                    sandbox.run("result = 2")
            except SandboxError as error:
                os._exit(7 if "fork" in str(error) else 8)
            finally:
                os._exit(9)
        _, status = os.waitpid(copy, 0)
        assert os.waitstatus_to_exitcode(status) == 7
        zygote = sandbox._zygote.process()
        assert sandbox.run("result = 3").status == "ok"
        assert sandbox._zygote.process() == zygote


INTERRUPTED = """
import sys
from darkwood_bench.sandbox import Limits, Sandbox

with Sandbox({}, Limits(wall_s=40)) as sandbox:
    for execution in sandbox.run_many(["result = 1"] * 3 + [sys.argv[1]] * 9, concurrency=2):
        print(execution.status, flush=True)
"""


def test_an_interrupt_is_noticed_while_programs_run() -> None:
    """Those that run are waited for; no other one is begun."""
    slow = "import time\ntime.sleep(6)\nresult = 1"
    command = [sys.executable, "-c", INTERRUPTED, slow]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        for _ in range(3):
            assert running.stdout.readline() == b"ok\n"
        time.sleep(1)
        os.kill(running.pid, signal.SIGINT)
        rest, trace = running.communicate(timeout=_SETTLED_S)
    assert rest == b""  # not even the one that was waited for
    assert b"KeyboardInterrupt" in trace
