"""A process that runs one program: confined, ready, then the program, then still.

It is a fork of the zygote (see `zygote`) and lives for one program. Descriptor 3 takes frames (see
`frames`), descriptor 4 gives the program's text, and tables that no other program is to have; it
has no others but the standard three.
"""

import gc
import json
import os
import signal
import sys
from dataclasses import dataclass
from io import BytesIO
from typing import Any, NoReturn

import polars as pl

from . import frames, privileges, program, seccomp
from .confine import Prepared, confine
from .loading import read_table
from .rehearsal import warm_up

_RESULT, _CODE = 3, 4
_STANDARD = (0, 1, 2)


@dataclass(frozen=True)
class _Given:
    """What a process gets to do."""

    names: dict[str, str]
    """Of the zygote's tables, by the names that the program finds them under."""
    brought: list[tuple[str, str, bytes]]
    """Name, format and contents of tables that came with the program."""
    code: str


def main(
    prepared: Prepared,
    uid: int | None,
    warm: bool,
    descriptors: list[int],
    tables: dict[str, pl.DataFrame],
) -> NoReturn:
    """Everything up to READY is ours: an error there ends the process and is our fault.

    `warm`: start the engine first. `descriptors`: code, results, stdout and stderr, as the zygote
    was given them.
    """
    try:
        peak_reset = _prepare_to_run(prepared, uid, warm, descriptors)
        _reset_peak(peak_reset)
        frames.write_frame(_RESULT, frames.READY)
        given = _received()
        if given is not None:
            variables = {name: tables[table] for name, table in given.names.items()}
            failure = _load(given.brought, variables)
            if given.brought:
                _reset_peak(peak_reset)
                frames.write_frame(_RESULT, frames.LOADED)
                frames.read_frame(_CODE)
            os.close(_CODE)
            if peak_reset is not None:
                os.close(peak_reset)  # or the program could have the peak start again, too
            _tell(failure or program.run(given.code, variables))
            while True:  # measured and ended from outside
                signal.pause()
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
    os._exit(1)


def _prepare_to_run(
    prepared: Prepared, uid: int | None, warm: bool, descriptors: list[int]
) -> int | None:
    """Confine it; the descriptor that has its peak of memory start again, where there is one."""
    zygote = os.getppid()
    code, results, stdout, stderr = descriptors
    # What the zygote had on these, its own pipes, is replaced; all else is closed below.
    for descriptor, place in ((stdout, 1), (stderr, 2), (results, _RESULT), (code, _CODE)):
        os.dup2(descriptor, place, inheritable=place in _STANDARD)
    peak_reset = os.open("/proc/self/clear_refs", os.O_WRONLY) if _has_clear_refs() else None
    most = os.sysconf("SC_OPEN_MAX")  # as the zygote has it, which holds two for each child
    privileges.be_the_first_to_go()
    confine(prepared, uid, system_calls=False)
    _close_all_but(peak_reset, most)
    if os.getppid() != zygote:
        os._exit(1)  # it ended before it was asked to take this process along
    spec = prepared.spec
    privileges.limit_program(privileges.address_space() + spec.memory_bytes, spec.cpu_s)
    if spec.seccomp:
        seccomp.restrict_system_calls(prepared.filter_template)  # from here limits stay as they are
    if warm:
        # Now, since the engine's threads must be born confined.
        warm_up()
    gc.enable()
    return peak_reset


def _reset_peak(peak_reset: int | None) -> None:
    """Have the peak of resident memory start again from here."""
    if peak_reset is not None:
        os.write(peak_reset, b"5")


def _received() -> _Given | None:
    """The program and what comes with it; None when nobody sends one."""
    names, brought = frames.read_frame(_CODE), []
    while (frame := frames.read_frame(_CODE)) is not None and frame[0] == frames.META:
        table, contents = json.loads(frame[1]), frames.read_frame(_CODE)
        if contents is None:
            return None
        brought.append((table["name"], table["format"], contents[1]))
    if names is None or frame is None:
        return None
    return _Given(json.loads(names[1]), brought, frame[1].decode())


def _load(
    brought: list[tuple[str, str, bytes]], variables: dict[str, Any]
) -> program.Failure | None:
    """Read the tables that came with a program; why one of them cannot be read."""
    for name, format_, contents in brought:
        try:
            variables[name] = read_table(BytesIO(contents), format_)
        except BaseException as error:  # a panic of the engine is no Exception
            message = f"table {name} cannot be read: {error}"
            return program.Failure("runtime_error", type(error).__name__, message[:4000], None)
    return None


def _close_all_but(kept: int | None, most: int) -> None:
    """Close what the zygote had open; before the engine opens what it needs."""
    first = _CODE + 1
    if kept is not None:
        os.closerange(first, kept)
        first = kept + 1
    os.closerange(first, most)


def _tell(outcome: program.Result | program.Failure) -> None:
    _flush()
    if isinstance(outcome, program.Result):
        meta = {"kind": outcome.kind, "wide_integers": outcome.wide_integers}
        frames.write_frame(_RESULT, frames.META, json.dumps(meta).encode())
        frames.write_frame(_RESULT, frames.DATA, outcome.data)
    else:
        frames.write_frame(_RESULT, frames.ERROR, json.dumps(vars(outcome)).encode())
    frames.write_frame(_RESULT, frames.END)


def _has_clear_refs() -> bool:
    return os.path.exists("/proc/self/clear_refs")  # noqa: PTH110


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:  # the program may have put anything in its place
            continue
