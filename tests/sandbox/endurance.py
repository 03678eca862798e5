"""Many executions, and processes that are killed at random moments: what holds and what is left.

    .venv/bin/python tests/sandbox/endurance.py --executions 10000 --kills 200

Benign programs, whose results are known, and hostile ones of attacks/, one in twenty, in a random
order; then a zygote, a child or the reader of results is killed while programs run, and whole
supervisors or their parents are. Prints what came, and ends with 1 for a wrong result, a program
that was harmed, or something left behind. test_endurance.py runs a small share of it.
"""

import argparse
import ctypes
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import polars as pl
import psutil

from darkwood_bench.sandbox import Execution, Limits, Sandbox

ATTACKS = Path(__file__).parent / "attacks"
LIMITS = Limits(wall_s=2, memory_bytes=512 << 20)
HOSTILE_SHARE = 0.05
_PR_SET_CHILD_SUBREAPER = 36
_GONE_S = 10.0
"""How long what was killed may still be seen."""
_OF_A_KILL = ("killed", "payload_invalid")
"""What a program is told whose own process, or the one that read its result, was killed."""
_LONGEST_S = 30.0
"""For one execution, retried and beside others: beyond it, it hangs."""


@dataclass
class Findings:
    """What came of a run."""

    statuses: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    longest_s: float = 0.0


def benign_programs(rows: int) -> dict[str, pl.DataFrame]:
    """Programs over the table `numbers` (n: 0 to rows - 1, k: n modulo 7), with their results."""
    numbers = pl.DataFrame({"n": range(rows), "k": [n % 7 for n in range(rows)]})
    codes = [
        f"result = numbers.filter(pl.col('n') % {m} == 0).select(pl.col('n').sum())"
        for m in range(2, 12)
    ]
    codes += [
        f"result = numbers.group_by('k').agg((pl.col('n') + {m}).max()).sort('k')"
        for m in range(10)
    ]
    codes += [
        f"result = numbers.lazy().join(numbers.lazy().head({m}), on='n').sort('n')"
        for m in range(1, 11)
    ]
    expected = {}
    for code in codes:
        names = {"pl": pl, "numbers": numbers}
        exec(code, names)
        result = names["result"]
        expected[code] = result.collect() if isinstance(result, pl.LazyFrame) else result
    return expected


def hostile_programs() -> list[str]:
    """The corpus, reaching for what is not there."""
    return [
        path.read_text().replace("@ROOT@", "/nowhere").replace("@PLANTED@", "[]")
        for path in sorted(ATTACKS.glob("*.py"))
    ]


def mixed(sandbox: Sandbox, count: int, chance: random.Random, concurrency: int) -> Findings:
    """Run `count` programs, hostile ones among them, and compare what the benign ones give."""
    expected = benign_programs(_ROWS)
    benign, hostile = list(expected), hostile_programs()
    codes = [
        chance.choice(hostile) if chance.random() < HOSTILE_SHARE else chance.choice(benign)
        for _ in range(count)
    ]
    findings = Findings()
    before = time.monotonic()
    for number, execution in enumerate(sandbox.run_many(codes, concurrency=concurrency)):
        now = time.monotonic()
        _note(findings, codes[number], execution, expected, now - before)
        before = now
        if sys.stderr.isatty() and number % 100 == 0:
            print(f"\r{number} of {count}", end="", file=sys.stderr)
    return findings


def killed_within(
    sandbox: Sandbox, kills: int, chance: random.Random, concurrency: int
) -> Findings:
    """Kill a zygote, a child or the reader of results, `kills` times, while programs run.

    Each time at a random moment, and not again before as many programs as could be under way have
    come through: one kill is to cost no program its result but the one whose process it was.
    """
    expected = benign_programs(_ROWS)
    findings = Findings()
    codes: list[str] = []
    victims: Counter[str] = Counter()

    def programs() -> Iterator[str]:
        while sum(victims.values()) < kills:
            codes.append(chance.choice(list(expected)))
            yield codes[-1]

    def kill() -> None:
        while sum(victims.values()) < kills:
            time.sleep(chance.uniform(0.0, 0.1))
            with suppress(psutil.NoSuchProcess):
                found = [p for p in _descendants() if p.name() != "bwrap"]
                victim = chance.choice(found)
                part = "child or copy" if victim.parent() in found else "zygote or reader"
                victim.kill()
                victims[part] += 1
            done = sum(findings.statuses.values()) + 2 * concurrency
            while (
                sum(findings.statuses.values()) < done and killer.is_alive() and not over.is_set()
            ):
                time.sleep(0.005)

    over = Event()
    killer = Thread(target=kill)
    killer.start()
    try:
        before = time.monotonic()
        for number, execution in enumerate(sandbox.run_many(programs(), concurrency=concurrency)):
            now = time.monotonic()
            _note(findings, codes[number], execution, expected, now - before, may_be_killed=True)
            before = now
    finally:
        over.set()
        killer.join()
    print(f"killed: {dict(victims)}")
    for code, frame in expected.items():
        execution = sandbox.run(code)
        if execution.result is None or not execution.result.equals(frame):
            findings.wrong.append(f"after the kills: {execution.status} of {code}")
    return findings


def killed_supervisors(tables: Path, kills: int, chance: random.Random) -> list[str]:
    """Start supervisors, each under a parent of its own, kill one of the two at a random moment;
    what is left of each once it is over."""
    left = []
    for _ in range(kills):
        parent = subprocess.Popen(
            [sys.executable, "-c", _PARENT, __file__, str(tables)], stdout=subprocess.PIPE
        )
        assert parent.stdout is not None
        supervisor = int(parent.stdout.readline())
        time.sleep(chance.uniform(0.0, 3.0))
        victim = chance.choice([parent.pid, supervisor])
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
        if victim == parent.pid:
            # It goes on by itself; told to end, it takes everything along.
            with suppress(ProcessLookupError):
                os.kill(supervisor, signal.SIGKILL)
        parent.wait()
        left += _left(set())
    return left


_PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, sys.argv[1], "--serve", sys.argv[2]])
print(child.pid, flush=True)
child.wait()
"""


def serve(tables: Path) -> None:
    """A supervisor that runs programs until it is killed."""
    with Sandbox({"numbers": tables / "numbers.parquet"}, LIMITS) as sandbox:
        while True:
            list(sandbox.run_many(list(benign_programs(_ROWS))[:8], concurrency=2))


def _note(
    findings: Findings,
    code: str,
    execution: Execution,
    expected: dict[str, pl.DataFrame],
    took_s: float,
    may_be_killed: bool = False,
) -> None:
    findings.statuses[execution.status] += 1
    findings.longest_s = max(findings.longest_s, took_s)
    if took_s > _LONGEST_S:
        findings.wrong.append(f"{took_s:.0f} s for {code[:80]!r}")
    frame = expected.get(code)
    if frame is None or (may_be_killed and execution.status in _OF_A_KILL):
        return
    if execution.result is None or not execution.result.equals(frame):
        error = execution.error_message
        findings.wrong.append(f"{execution.status} ({error}) of the benign {code[:80]!r}")


@contextmanager
def tables_folder() -> Iterator[Path]:
    """A folder that other users can read, with the table."""
    with tempfile.TemporaryDirectory(prefix="darkwood-endurance-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        numbers = {"n": range(_ROWS), "k": [n % 7 for n in range(_ROWS)]}
        pl.DataFrame(numbers).write_parquet(folder / "numbers.parquet")
        yield folder


_ROWS = 2000


def _descendants() -> list[psutil.Process]:
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def _left(before: set[int]) -> list[str]:
    """Processes that are still there when everything has had time to end."""
    until = time.monotonic() + _GONE_S
    while (found := [p for p in _descendants() if p.pid not in before]) and (
        time.monotonic() < until
    ):
        time.sleep(0.05)
    while True:  # what became this process's child, as its subreaper, is waited for
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                break
        except ChildProcessError:
            break
    return [str(process) for process in found]


def _folders() -> set[Path]:
    """What sandboxes and this script make in the folder for temporary files."""
    return set(Path(tempfile.gettempdir()).glob("darkwood-*"))


def _usage() -> tuple[int, int]:
    """Open descriptors and resident memory in MB, of this process."""
    process = psutil.Process()
    return process.num_fds(), process.memory_info().rss >> 20


def become_subreaper() -> None:
    """Have whatever leaves its parent become a child of this process, so that none is missed."""
    if ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError("not a subreaper")


def main() -> int:
    """Run it all, print what came; 1 when something did not hold."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--executions", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=200, help="of processes while programs run")
    parser.add_argument("--supervisors", type=int, default=30, help="that are killed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve is not None:
        serve(options.serve)
    become_subreaper()
    folders_before = _folders()
    chance = random.Random(options.seed)
    wrong: list[str] = []
    with tables_folder() as folder:
        with Sandbox({"numbers": folder / "numbers.parquet"}, LIMITS) as sandbox:
            mixed(sandbox, 100, chance, 2)
            before = _usage()
            findings = mixed(sandbox, options.executions, chance, 2)
            print("mixed:", dict(findings.statuses), f"longest {findings.longest_s:.1f} s")
            after = _usage()
            print(f"descriptors {before[0]} -> {after[0]}, resident {before[1]} -> {after[1]} MB")
            wrong += findings.wrong
            findings = killed_within(sandbox, options.kills, chance, 2)
            print("kills:", dict(findings.statuses), f"longest {findings.longest_s:.1f} s")
            wrong += findings.wrong
        wrong += [f"left behind: {process}" for process in _left(set())]
        left = killed_supervisors(folder, options.supervisors, chance)
        print(f"supervisors killed: {options.supervisors}, left behind: {len(left)}")
        wrong += left
    wrong += [f"left behind: {path}" for path in _folders() - folders_before]
    for problem in wrong:
        print("WRONG", problem)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
