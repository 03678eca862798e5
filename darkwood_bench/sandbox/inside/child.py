"""A process that runs one program: confined, then ready, then the program, then still.

Descriptor 3 takes frames (see `frames`), descriptor 4 gives the program's text.
"""

import json
import os
import signal
import sys

from . import frames, privileges
from .confine import confine, keep_descriptors
from .spec import Spec

_RESULT, _CODE = 3, 4


def main(spec: Spec) -> None:
    """Everything up to READY is ours: an error there ends the process and is our fault."""
    keep_descriptors(spec)
    files = {name: open(path, "rb") for name, path in spec.tables.items()}  # noqa: PTH123, SIM115
    peak_reset = os.open("/proc/self/clear_refs", os.O_WRONLY) if _has_clear_refs() else None
    confine(spec)

    from . import program  # imports Polars, whose threads must be born confined
    from .formats import FORMATS
    from .tables import read_table, warm_up

    tables = {
        name: read_table(file, FORMATS[os.path.splitext(spec.tables[name])[1]])  # noqa: PTH122
        for name, file in files.items()
    }
    for file in files.values():
        file.close()
    warm_up()
    privileges.limit_program(privileges.address_space() + spec.memory_bytes, spec.cpu_s)
    if peak_reset is not None:
        os.write(peak_reset, b"5")  # the peak of resident memory starts again from here
        os.close(peak_reset)
    frames.write_frame(_RESULT, frames.READY)

    message = frames.read_frame(_CODE)
    os.close(_CODE)
    if message is None:
        os._exit(1)
    outcome = program.run(message[1].decode(), tables)
    _flush()
    if isinstance(outcome, program.Result):
        meta = {"kind": outcome.kind, "wide_integers": outcome.wide_integers}
        frames.write_frame(_RESULT, frames.META, json.dumps(meta).encode())
        frames.write_frame(_RESULT, frames.DATA, outcome.data)
    else:
        frames.write_frame(_RESULT, frames.ERROR, json.dumps(vars(outcome)).encode())
    frames.write_frame(_RESULT, frames.END)
    while True:  # measured and ended from outside
        signal.pause()


def _has_clear_refs() -> bool:
    return sys.platform == "linux" and os.path.exists("/proc/self/clear_refs")  # noqa: PTH110


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:  # the program may have put anything in its place
            continue
