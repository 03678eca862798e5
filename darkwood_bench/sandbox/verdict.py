"""What a program's end is called. The supervisor decides from what it saw; what the program says of
itself is believed only where it is the loser by lying."""

import json
import signal
from dataclasses import dataclass, field
from typing import Any, cast

from darkwood_bench.sandbox.execution import ResultKind, Status
from darkwood_bench.sandbox.inside import frames
from darkwood_bench.sandbox.limits import Limits
from darkwood_bench.sandbox.supervise import Observed

_SAID: frozenset[Status] = frozenset(
    {"syntax_error", "runtime_error", "no_result", "wrong_type", "exited_early", "oom"}
)
"""Statuses that an ERROR frame may name."""
_CRASHES = {
    signal.SIGSEGV,
    signal.SIGABRT,
    signal.SIGBUS,
    signal.SIGILL,
    signal.SIGFPE,
    signal.SIGTRAP,
}
_OUT_OF_MEMORY = b"memory allocation of "
"""What Rust prints before it aborts for want of memory."""
_MESSAGE_CHARS = 4000
_WIDE_INTEGERS = ("Int128", "UInt128")


@dataclass(frozen=True)
class Verdict:
    """How it ended, and if with a result, what the payload is said to be."""

    status: Status
    error_class: str | None = None
    error_message: str | None = None
    error_line: int | None = None
    result_kind: ResultKind = "frame"
    wide_integers: dict[str, str] = field(default_factory=dict)


def judge(observed: Observed, limits: Limits, code: str) -> Verdict:
    """The status. `ok` stands for a payload that has yet to be read."""
    if observed.lost and not observed.ended and observed.stop is None:
        return Verdict("zygote_lost", error_message="the process that forks children ended")
    if observed.stop in ("refused", "cancelled"):
        return Verdict(*_STOPPED[observed.stop])
    if not observed.ready:
        return Verdict("setup_failed", error_message=_setup_message(observed))
    if observed.stop is not None:
        return Verdict(*_STOPPED[observed.stop])
    if not observed.ended:
        return _gone(observed, limits)
    error, data = observed.frames.get(frames.ERROR), observed.frames.get(frames.DATA)
    if error is not None and data is None:
        return _said(error, code)
    if data is not None and error is None:
        return _described(observed.frames.get(frames.META))
    return Verdict("payload_invalid", error_message="not one result and not one error")


_STOPPED: dict[str, tuple[Status, None, str]] = {
    "setup_timeout": ("setup_failed", None, "not ready in time"),
    "refused": ("setup_failed", None, "the system forks no more processes"),
    "too_many_threads": ("oom", None, "it has started more threads than there is room for"),
    "timeout": ("timeout", None, "the wall time is up"),
    "output_limit": ("output_limit", None, "it printed more than is allowed"),
    "result_too_large": ("result_too_large", None, "the result has more bytes than are allowed"),
    "payload_invalid": ("payload_invalid", None, "what it sent is not what a child sends"),
    "cancelled": ("killed", None, "nobody waits for it any more"),
}


def _gone(observed: Observed, limits: Limits) -> Verdict:
    """A process that ended without an END frame."""
    if observed.frames:
        return Verdict("payload_invalid", error_message="it sent half of a result")
    code = observed.exit_code
    if code is None or code >= 0:
        return Verdict("exited_early", error_message=f"exit code {code}")
    number = -code
    name = _signal_name(number)
    if number == signal.SIGSYS:
        return Verdict("forbidden_syscall", error_message="a system call that no query needs")
    if number == signal.SIGXCPU or (number == signal.SIGKILL and observed.cpu_s >= limits.cpu_s):
        return Verdict("cpu_limit", error_message=f"more than {limits.cpu_s} s of CPU time")
    if number in _CRASHES:
        if _OUT_OF_MEMORY in observed.stderr:
            return Verdict("oom", error_message=_last_line(observed.stderr))
        return Verdict("crash", error_message=f"{name}: {_last_line(observed.stderr)}")
    return Verdict("killed", error_message=name)


def _said(error: bytes, code: str) -> Verdict:
    """What the program said went wrong, made harmless."""
    try:
        said = json.loads(error)
    except (ValueError, RecursionError):
        said = None
    status = said.get("status") if isinstance(said, dict) else None
    if not isinstance(said, dict) or not isinstance(status, str) or status not in _SAID:
        return Verdict("payload_invalid", error_message="its error is not one a child sends")
    line = said.get("line")
    in_code = isinstance(line, int) and 1 <= line <= code.count("\n") + 1
    return Verdict(
        cast(Status, status),
        clean_text(said.get("error_class"), 200),
        clean_text(said.get("message"), _MESSAGE_CHARS),
        line if in_code else None,
    )


def _described(meta: bytes | None) -> Verdict:
    """What the program said of its result, made harmless."""
    try:
        said = json.loads(meta or b"{}")
        wide = {str(name): str(dtype) for name, dtype in said.get("wide_integers", {}).items()}
    except (ValueError, RecursionError, AttributeError):
        return Verdict("payload_invalid", error_message="its description is not one a child sends")
    if not set(wide.values()) <= set(_WIDE_INTEGERS):
        return Verdict("payload_invalid", error_message="its description is not one a child sends")
    kind = said.get("kind")
    known = kind in ("frame", "lazy", "series", "scalar")
    return Verdict("ok", result_kind=kind if known else "frame", wide_integers=wide)


def clean_text(text: Any, most_chars: int) -> str | None:
    """Text of an untrusted source that any table can hold; None for what is not text."""
    if not isinstance(text, str):
        return None
    return text[:most_chars].encode("utf-8", "replace").decode()


def _setup_message(observed: Observed) -> str:
    if observed.stop == "setup_timeout":
        return "the child was not ready in time"
    return _last_line(observed.stderr) or f"the child ended with {observed.exit_code}"


def _last_line(stderr: bytearray) -> str:
    """The last line that says something; Rust ends with a note on how to see more."""
    said = stderr.decode("utf-8", "replace").strip().splitlines()
    lines = [line for line in said if not line.startswith("note: ")]
    return lines[-1][:500] if lines else ""


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
