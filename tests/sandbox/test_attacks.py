"""Hostile programs, each contained, and the next benign one unharmed."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import psutil
import pytest
from small_limits import LIMITS

import darkwood_bench.sandbox.sandbox as sandbox_module
from darkwood_bench.sandbox import Execution, Sandbox, isolation, probe_isolation

ATTACKS = sorted((Path(__file__).parent / "attacks").glob("*.py"))
BENIGN = "result = orders.group_by('name').agg(pl.col('total').sum()).sort('name')"
SECRETS = re.compile(r"CANARY|root:x:0")
BREACH = re.compile(r"^(GOT )?BREACH", re.MULTILINE)
LONGEST_OVERRUN_S = 2.0


@dataclass
class Surroundings:
    """What attacks reach for, and what tells if they got it."""

    root: Path
    hits: list[str] = field(default_factory=list)

    def files(self) -> list[tuple[str, int, float, int]]:
        found = [(path, path.lstat()) for path in self.root.rglob("*")]
        return sorted((str(p), s.st_size, s.st_mtime, s.st_mode) for p, s in found)

    def program(self, attack: Path) -> str:
        return attack.read_text().replace("@ROOT@", str(self.root))


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surroundings]:
    around = Surroundings(tmp_path_factory.mktemp("attack"))
    for name in ("gold", "canary", "tables"):
        (around.root / name).mkdir()
    (around.root / "canary").chmod(0o777)
    gold = pl.DataFrame({"v": ["GOLD-CANARY-7731"]})
    gold.write_csv(around.root / "gold" / "gold.csv")
    gold.write_parquet(around.root / "gold" / "gold.parquet")
    (around.root / "canary" / "keep.txt").write_text("KEEP-CANARY-1")
    (around.root / "tables" / "orders.arrows").write_text("KEEP-CANARY-2")
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.setenv("SB_SECRET", "ENV-CANARY-5519")
        udp = stack.enter_context(closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)))
        udp.bind(("127.0.0.1", 45872))
        unix = stack.enter_context(closing(socket.socket(socket.AF_UNIX)))
        unix.bind("\0canary-abstract")
        unix.listen()
        for listener, receive in ((udp, lambda: udp.recv(64)), (unix, unix.accept)):
            threading.Thread(
                target=_record, args=(around.hits, listener.family.name, receive), daemon=True
            ).start()
        yield around


def _record(hits: list[str], name: str, receive: object) -> None:
    while True:
        try:
            receive()  # type: ignore[operator]
        except OSError:
            return
        hits.append(name)


@pytest.fixture(scope="module")
def weaker_sandbox(tables: dict[str, Path]) -> Iterator[Sandbox]:
    """The same machine as if it had no bubblewrap."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(isolation, "bubblewraps", list)
        report = probe_isolation.__wrapped__()
        if report.level != "L2":
            pytest.skip(f"no Landlock or no seccomp: {report.missing}")
        patch.setattr(sandbox_module, "probe_isolation", lambda: report)
        weaker = Sandbox(tables, LIMITS)
    with weaker:
        yield weaker


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda path: path.stem)
def test_contained(sandbox: Sandbox, surroundings: Surroundings, attack: Path) -> None:
    if sandbox.isolation.level != "L3":
        pytest.skip(f"the machine has {sandbox.isolation.level}")
    _attack(sandbox, surroundings, attack)


@pytest.mark.parametrize("attack", ATTACKS[::4], ids=lambda path: path.stem)
def test_contained_without_namespaces(
    weaker_sandbox: Sandbox, surroundings: Surroundings, attack: Path
) -> None:
    _attack(weaker_sandbox, surroundings, attack)


def _attack(sandbox: Sandbox, surroundings: Surroundings, attack: Path) -> None:
    files, children = surroundings.files(), _children()
    started = time.monotonic()
    execution = sandbox.run(surroundings.program(attack))
    overrun = time.monotonic() - started - LIMITS.wall_s

    expected = re.search(r"# EXPECT: (.*)", attack.read_text())
    assert expected is not None
    status = "payload_wrong" if execution.status == "ok" else execution.status
    assert re.fullmatch(expected[1], status) or re.fullmatch(expected[1], execution.status), (
        execution
    )
    assert not SECRETS.search(_everything(execution))
    assert not BREACH.search(_everything(execution))
    assert not surroundings.hits
    assert surroundings.files() == files
    # Start-up and reading the result are not in the wall limit; a busy machine makes them long.
    assert overrun < LONGEST_OVERRUN_S + 10
    assert execution.wall_s < LIMITS.wall_s + LONGEST_OVERRUN_S
    assert not _survivors(children)

    after = sandbox.run(BENIGN)
    assert after.result is not None, after
    assert after.result.shape == (50, 2)
    assert after.result["total"].sum() == sum(i % 97 for i in range(20_000))


def _everything(execution: Execution) -> str:
    payload = "" if execution.result is None else str(execution.result.head(100).rows())
    return "\n".join([execution.stdout, execution.stderr, str(execution.error_message), payload])


def _survivors(before: set[int]) -> set[int]:
    """New processes that are still there when those that were ending have ended."""
    until = time.monotonic() + 2
    while (survivors := _children() - before) and time.monotonic() < until:
        time.sleep(0.05)
    return survivors


def _children() -> set[int]:
    """Processes that run code: the reader of results comes and goes."""
    children = psutil.Process().children(recursive=True)
    found = set()
    for child in children:
        try:
            if "parser" not in child.cmdline() and child.status() != psutil.STATUS_ZOMBIE:
                found.add(child.pid)
        except psutil.Error:
            continue
    return found
