"""What an end is called, from what was seen."""

import json
import signal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darkwood_bench.sandbox.inside import frames
from darkwood_bench.sandbox.limits import Limits
from darkwood_bench.sandbox.supervise import Observed
from darkwood_bench.sandbox.verdict import judge

CODE = "x = 1\nresult = x"


def status(**seen: Any) -> str:
    return judge(Observed(ready=True, **seen), Limits(cpu_s=3), CODE).status


def said(**error: Any) -> dict[str, Any]:
    return {"ended": True, "frames": {frames.ERROR: json.dumps(error).encode()}}


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ({"exit_code": 0}, "exited_early"),
        ({"exit_code": 3}, "exited_early"),
        ({"exit_code": -signal.SIGSEGV}, "crash"),
        ({"exit_code": -signal.SIGABRT}, "crash"),
        (
            {
                "exit_code": -signal.SIGABRT,
                "stderr": bytearray(b"memory allocation of 8 bytes failed"),
            },
            "oom",
        ),
        ({"exit_code": -signal.SIGSYS}, "forbidden_syscall"),
        ({"exit_code": -signal.SIGXCPU}, "cpu_limit"),
        ({"exit_code": -signal.SIGKILL, "cpu_s": 3.5}, "cpu_limit"),
        ({"exit_code": -signal.SIGKILL, "cpu_s": 0.5}, "killed"),
        ({"exit_code": -99}, "killed"),
        ({"exit_code": 0, "frames": {frames.DATA: b"x"}}, "payload_invalid"),
        ({"stop": "timeout"}, "timeout"),
        ({"stop": "output_limit"}, "output_limit"),
        ({"ended": True}, "payload_invalid"),
        ({"ended": True, "frames": {frames.DATA: b"x"}}, "ok"),
        ({"ended": True, "frames": {frames.DATA: b"x", frames.ERROR: b"{}"}}, "payload_invalid"),
        ({"ended": True, "frames": {frames.DATA: b"x", frames.META: b"["}}, "payload_invalid"),
        ({"ended": True, "frames": {frames.ERROR: b"[" * 100_000}}, "payload_invalid"),
        (said(status="setup_failed"), "payload_invalid"),
        (said(status="ok"), "payload_invalid"),
        (said(status=["runtime_error"]), "payload_invalid"),
        (said(status="runtime_error"), "runtime_error"),
    ],
)
def test_status(seen: dict[str, Any], expected: str) -> None:
    assert status(**seen) == expected


def test_before_ready_it_is_our_fault() -> None:
    lost = Observed(ready=False, exit_code=1, stderr=bytearray(b"a\nImportError: no polars\n"))
    verdict = judge(lost, Limits(), CODE)
    assert (verdict.status, verdict.error_message) == ("setup_failed", "ImportError: no polars")


def test_of_an_engine_that_ran_out_of_memory_the_reason_is_told_and_not_the_note() -> None:
    stderr = bytearray(
        b"memory allocation of 8589934592 bytes failed\n"
        b"note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n"
    )
    verdict = judge(Observed(ready=True, exit_code=-signal.SIGABRT, stderr=stderr), Limits(), CODE)
    assert verdict.status == "oom"
    assert verdict.error_message == "memory allocation of 8589934592 bytes failed"


def test_what_a_program_says_is_made_harmless() -> None:
    error = {"status": "runtime_error", "error_class": ["x"], "message": "\ud800" * 9999, "line": 9}
    seen = Observed(ready=True, ended=True, frames={frames.ERROR: json.dumps(error).encode()})
    verdict = judge(seen, Limits(), CODE)
    assert verdict.error_class is None
    assert verdict.error_line is None
    assert verdict.error_message == "?" * 4000


NAMES = st.sampled_from(["status", "error_class", "message", "line", "kind", "wide_integers"])
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("runtime_error"),
    lambda inner: st.lists(inner) | st.dictionaries(NAMES | st.text(), inner),
    max_leaves=8,
)


@given(ANY_JSON, st.sampled_from([(frames.ERROR,), (frames.DATA, frames.META)]))
def test_whatever_a_program_says_gets_a_verdict(said: Any, tags: tuple[bytes, ...]) -> None:
    sent = dict.fromkeys(tags, json.dumps(said).encode())
    assert status(ended=True, frames=sent) in ("ok", "payload_invalid", "runtime_error")
