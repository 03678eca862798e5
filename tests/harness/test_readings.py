"""Who had the processor while a model answered."""

import os
import subprocess
import sys
import time
from pathlib import Path

from darkwood_bench.harness import Engine, ModelProcess
from darkwood_bench.harness.metering import process_tree
from darkwood_bench.harness.readings import Stopwatch, busy_cpu_s
from darkwood_bench.harness.rounds import at_work

BUSY = """
import time
until = time.process_time() + 1.0
while time.process_time() < until: pass
print("done", flush=True)
input()
"""


def _busy_beside() -> subprocess.Popen[str]:
    """A process that takes a second of CPU time, and waits once it has had it."""
    return subprocess.Popen(
        [sys.executable, "-c", BUSY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_cpu_time_of_others_counts_and_that_of_the_model_does_not() -> None:
    with _busy_beside() as process:
        others = Stopwatch(list, gpu=False)
        ours = Stopwatch(lambda: process_tree(process.pid), gpu=False)
        assert process.stdout is not None
        assert process.stdout.readline() == "done\n"
        theirs_s, others_s = ours.spent().other_cpu_s, others.spent().other_cpu_s
        # Whatever else ran meanwhile is in both, but for the moment between the two readings.
        assert 0.7 < others_s - theirs_s < 1.5
        assert 0.7 < ours.spent().cpu_s - others.spent().cpu_s < 1.5
        process.communicate("")


def test_a_process_that_ended_is_still_not_an_other() -> None:
    process = _busy_beside()
    watch = Stopwatch(lambda: process_tree(process.pid), gpu=False)
    process.communicate("\n")
    before = watch.spent()
    baseline = Stopwatch(list, gpu=False)
    assert before.wall_s >= 0.5
    cores = len(os.sched_getaffinity(0))
    assert before.other_cpu_s < before.wall_s * cores - 0.7
    assert before.energy_j is None
    assert baseline.spent().wall_s < before.wall_s


def test_busy_time_grows_with_work_and_not_beyond_the_clock() -> None:
    began, before = time.perf_counter(), busy_cpu_s()
    until = time.process_time() + 0.3
    while time.process_time() < until:
        pass
    grown, wall_s = busy_cpu_s() - before, time.perf_counter() - began
    assert 0.2 < grown < (wall_s + 0.1) * len(os.sched_getaffinity(0))


def test_who_works_on_the_answer_for_us_is_no_other(tmp_path: Path) -> None:
    """A dry run's sandbox is a child of this process, and its time is the answer's."""
    engine = Engine("cpu", "", 64, 1, tmp_path)
    process = ModelProcess("scripted", engine, tmp_path / "answers.yaml")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as sandbox:
        assert sandbox.pid in at_work(process)
        assert os.getpid() not in at_work(process)  # counted by itself
        sandbox.communicate(b"\n")
    assert sandbox.pid not in at_work(process)
    process.close()
