"""A process that was started in a jail: its pipes, and how to end it with all that it started."""

import json
import os
import resource
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

    def has_exited(self) -> bool:
        """Whether the process has ended; it is left to be waited for."""
        found = os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return found is not None

    def end(self) -> resource.struct_rusage:
        """Kill it and everything it started, wait, close the pipes, remove its scratch folder.

        Returns what it and the descendants that it waited for have used.
        """
        self._kill()
        _, status, used = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
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
        return used

    def exit_code(self) -> int:
        """After `end`: the exit code, or minus the number of the signal that ended it."""
        code = self.process.returncode
        return 128 - code if self.bubblewrapped and code > 128 else code

    def _kill(self) -> None:
        """The first process of a namespace takes all others with it; bubblewrap, its parent, then
        ends by itself and has counted what they used."""
        self._find_namespace()
        if self._namespace is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._namespace, signal.SIGKILL)
            _wait_readable(self._namespace)
            with suppress(OSError):  # where there are no descriptors left: the count is short
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
