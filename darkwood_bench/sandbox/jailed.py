"""A process that was started in a jail: its pipes, and how to end it with all that it started."""

import json
import os
import select
import shutil
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from darkwood_bench.sandbox import gauge

_INFORMATION_BYTES = 1 << 12
_END_S = 5.0
"""How long a killed process may take to go."""


@dataclass
class Jailed:
    """The supervisor's side of a started process; its pipe ends do not block."""

    process: subprocess.Popen[bytes]
    results: int
    requests: int
    stdout: int
    stderr: int
    information: int
    """Where bubblewrap says which process is the first of its namespace."""
    bubblewrapped: bool
    scratch: Path | None
    """A folder to remove afterwards, where scratch is not a mount of the jail's own."""
    _first: int | None = field(default=None, init=False)
    _namespace: int | None = field(default=None, init=False)
    """A descriptor of the namespace's first process."""

    def program(self) -> int | None:
        """The program's process as the caller sees it; None when it cannot be found."""
        if not self.bubblewrapped:
            return self.process.pid
        self._find_namespace()
        return None if self._first is None else gauge.only_child(self._first)

    def end(self) -> None:
        """Kill it and everything it started, wait, close the pipes, remove its scratch folder."""
        self._kill()
        self.process.wait()
        for descriptor in (
            self.results,
            self.requests,
            self.stdout,
            self.stderr,
            self.information,
            self._namespace,
        ):
            if descriptor is not None:
                os.close(descriptor)
        if self.scratch is not None:
            shutil.rmtree(self.scratch, ignore_errors=True)

    def _kill(self) -> None:
        """The first process of a namespace takes all others with it; bubblewrap, its parent, then
        ends by itself and leaves no first process for others to wait for."""
        self._find_namespace()
        if self._namespace is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._namespace, signal.SIGKILL)
            _wait_readable(self._namespace)
            with suppress(OSError):  # where there are no descriptors left
                watch = os.pidfd_open(self.process.pid)
                _wait_readable(watch)
                os.close(watch)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def _find_namespace(self) -> None:
        """Learn which process is the first of bubblewrap's namespace, as this process sees it."""
        if not self.bubblewrapped or self._namespace is not None:
            return
        try:
            information = json.loads(os.read(self.information, _INFORMATION_BYTES))
            self._first = int(information["child-pid"])
            self._namespace = os.pidfd_open(self._first)
        except (OSError, ValueError, KeyError):
            return


def _wait_readable(descriptor: int) -> None:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    poll.poll(_END_S * 1000)
