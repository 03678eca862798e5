"""What children that were forked from one zygote could have of one another."""

import os
import time
from pathlib import Path

import pytest

from darkwood_bench.sandbox import Sandbox, probe_isolation
from darkwood_bench.sandbox.limits import Limits
from darkwood_bench.sandbox.supervise import supervise

_MANY = 150
"""Children whose descriptors in the zygote go beyond the number that a child may open."""
_SETTLED_S = 60


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
        seen = supervise(last, code, (), sandbox.limits)
        for child in children[10:]:
            child.end()
    # The standard three, the results, and the one that the listing itself takes.
    assert seen.stdout.decode().strip() == "[0, 1, 2, 3, 4]"
