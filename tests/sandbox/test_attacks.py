"""Hostile programs, each contained at every level that promises it, and the next benign one
unharmed. The rules are those of attacks/README.md."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from attack_runner import LIMITS

from darkwood_bench.sandbox import probe_isolation

ATTACKS = sorted((Path(__file__).parent / "attacks").glob("*.py"))
OTHERS = Path(__file__).parent / "attacks" / "others"
PROJECT = Path(__file__).resolve().parents[2]
SECRETS = re.compile(r"CANARY|root:x:0")
BREACH = re.compile(r"^(GOT )?BREACH", re.MULTILINE)
LONGEST_OVERRUN_S = 2.0
LONGEST_ALL_S = 20.0
"""With starting, reading the result and a second try, on a machine that is busy."""
GIVEN_PORTS = ("45871", "45872")
"""Which the given programs name; a run has ports of its own, since a machine may have several."""
NOBODY = 65534
WAYS = [(user, level) for user in ("root", "ordinary user") for level in ("L3", "L2")]
AT_L2 = {"chroot_escape": "runtime_error"}
"""Nothing can be written at L2, so that its first step, a new folder, fails already."""
BESIDE = {"other_jobs_scratch": "secret_in_scratch"}
"""For given programs, whose headers say this in prose."""


@dataclass
class Surroundings:
    """What attacks reach for, and what tells if they got it."""

    root: Path
    planted: list[Path]
    ports: tuple[int, int] = (0, 0)
    """Of TCP and UDP."""
    hits: list[str] = field(default_factory=list)

    def files(self) -> list[tuple[str, int, float, int]]:
        folders = [self.root, *(path.parent for path in self.planted)]
        found = [(path, path.lstat()) for folder in folders for path in folder.rglob("*")]
        return sorted((str(p), s.st_size, s.st_mtime, s.st_mode) for p, s in found)

    def program(self, source: Path) -> str:
        code = source.read_text().replace("@ROOT@", str(self.root))
        code = code.replace("@PLANTED@", repr([str(path) for path in self.planted]))
        for placeholder, given, port in zip(
            ("@TCP@", "@UDP@"), GIVEN_PORTS, self.ports, strict=True
        ):
            code = code.replace(placeholder, str(port)).replace(given, str(port))
        return code.replace("@PROJECT@", str(PROJECT))

    def request(self, attack: Path) -> dict[str, str | None]:
        """The program, with those that are to run before and beside it."""
        others = dict.fromkeys(("before", "beside")) | {
            when: self.program(source) for when, source in _others(attack).items()
        }
        return {"program": self.program(attack), **others}


@pytest.fixture(scope="module")
def surroundings(tables: dict[str, Path]) -> Iterator[Surroundings]:
    # Not pytest's folder, which is closed to other users: it would do the sandbox's work.
    root = Path(tempfile.mkdtemp(prefix="darkwood-attack-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, root)
        root.chmod(0o755)
        for name in ("gold", "canary", "tables"):
            (root / name).mkdir()
        (root / "canary").chmod(0o777)
        gold = pl.DataFrame({"v": ["GOLD-CANARY-7731"]})
        gold.write_csv(root / "gold" / "gold.csv")
        gold.write_parquet(root / "gold" / "gold.parquet")
        (root / "gold" / "gold.db").write_text("GOLD-CANARY-7731")
        (root / "canary" / "keep.txt").write_text("KEEP-CANARY-1")
        (root / "tables" / "orders.arrows").write_text("KEEP-CANARY-2")
        for name, path in tables.items():
            shutil.copy(path, root / "tables" / f"{name}.parquet")
        around = Surroundings(root, [])
        for path in _places_to_plant():
            if _plant(path):
                stack.callback(shutil.rmtree, path.parent)
                around.planted.append(path)
        _listen(stack, around)
        yield around


def _places_to_plant() -> list[Path]:
    """Where gold could come to lie because a checkout or a cache does: among the packages, beside
    the environment and the interpreter, in folders of the system's."""
    folders = [
        sysconfig.get_path("purelib"),
        sys.prefix,
        sys.base_prefix,
        f"{sys.base_prefix}/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages",
        "/usr/lib/python3/dist-packages",
        "/usr/src",
        "/usr/share",
        "/usr/local",
        "/opt",
    ]
    return [
        Path(folder) / f"darkwood_canary_{os.getpid()}" / "gold.csv"
        for folder in dict.fromkeys(folders)
    ]


def _plant(path: Path) -> bool:
    """Put gold there, in a package; whether that was allowed."""
    if not path.parents[1].is_dir() or not os.access(path.parents[1], os.W_OK):
        return False
    path.parent.mkdir(exist_ok=True)
    path.write_text("GOLD-CANARY-7731\n")
    (path.parent / "__init__.py").write_text("print('GOLD-CANARY-7731')\n")
    return True


def _listen(stack: ExitStack, around: Surroundings) -> None:
    def opened(family: int, kind: int, address: Any) -> socket.socket:
        listener = stack.enter_context(closing(socket.socket(family, kind)))
        listener.bind(address)
        if kind == socket.SOCK_STREAM:
            listener.listen()
        return listener

    tcp = opened(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))
    udp = opened(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0))
    around.ports = tcp.getsockname()[1], udp.getsockname()[1]
    path = opened(socket.AF_UNIX, socket.SOCK_STREAM, str(around.root / "canary" / "sock"))
    (around.root / "canary" / "sock").chmod(0o777)
    abstract = opened(socket.AF_UNIX, socket.SOCK_STREAM, "\0canary-abstract")
    waits: list[tuple[str, Callable[[], object]]] = [
        ("tcp", tcp.accept),
        ("udp", lambda: udp.recv(64)),
        ("unix", path.accept),
        ("abstract unix", abstract.accept),
    ]
    for name, wait in waits:
        threading.Thread(target=_record, args=(around.hits, name, wait), daemon=True).start()


def _record(hits: list[str], name: str, wait: Callable[[], object]) -> None:
    while True:
        try:
            wait()
        except OSError:
            return
        hits.append(name)


@dataclass(frozen=True)
class Runner:
    """A process that runs programs as one user, at one level."""

    level: str
    process: subprocess.Popen[str]

    def ask(self, request: dict[str, str | None]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the runner ended: it was brought down"
        return json.loads(line)


@pytest.fixture(scope="module")
def runners(surroundings: Surroundings) -> Iterator[dict[str, Runner | str]]:
    """For each way, a runner that is ready, or the reason why there is none."""
    found: dict[str, Runner | str] = {}
    with ExitStack() as stack:
        for user, level in WAYS:
            command = interpreter_of(user)
            if isinstance(command, str):
                found[f"{user}, {level}"] = command
                continue
            python, settings = command
            tables = {
                name: str(surroundings.root / "tables" / f"{name}.parquet")
                for name in ("orders", "customers")
            }
            errors = stack.enter_context(tempfile.TemporaryFile("w+"))
            process = subprocess.Popen(
                [
                    *[python, "-B", str(Path(__file__).parent / "attack_runner.py")],
                    json.dumps({"level": level, "tables": tables}),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd="/",
                **settings,
            )
            stack.callback(_end, process)
            assert process.stdout is not None
            if process.stdout.readline():
                found[f"{user}, {level}"] = Runner(level, process)
            else:
                errors.seek(0)
                found[f"{user}, {level}"] = errors.read().strip()[-500:] or "it does not start"
        yield found


def _end(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    with suppress(BrokenPipeError):
        process.stdin.close()
    try:
        process.wait(30)
    finally:
        process.kill()


def interpreter_of(user: str) -> tuple[str, dict[str, Any]] | str:
    """An interpreter that the user can start, and how to start it as that user."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": os.pathsep.join([str(PROJECT), str(Path(pl.__file__).parents[1])]),
        "SB_SECRET": "ENV-CANARY-5519",
    }
    root = os.geteuid() == 0
    if user == "root":
        return (sys.executable, {"env": environment}) if root else "the tests do not run as root"
    settings = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if root else {}
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    for python in (sys.executable, f"/usr/bin/python{version}", f"/usr/local/bin/python{version}"):
        try:
            subprocess.run(
                [python, "-B", "-c", "import darkwood_bench.sandbox"],
                env=environment,
                cwd="/",
                check=True,
                capture_output=True,
                **settings,
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        return python, {"env": environment, **settings}
    return f"an ordinary user can start no Python {version} with this checkout"


@pytest.mark.parametrize(("user", "level"), WAYS)
def test_the_way_is_tried(runners: dict[str, Runner | str], user: str, level: str) -> None:
    """Skipped, with the reason, where the machine does not give it."""
    runner = runners[f"{user}, {level}"]
    if isinstance(runner, str):
        pytest.skip(runner)
    runner.ask({"program": "result = orders.height", "before": None, "beside": None})
    answer = runner.answer()
    assert (answer["status"], answer["isolation"]) == ("ok", level)


def test_gold_is_planted_where_it_could_be_read(surroundings: Surroundings) -> None:
    if not surroundings.planted:
        pytest.skip("none of these folders can be written to")
    assert all(path.read_text() == "GOLD-CANARY-7731\n" for path in surroundings.planted)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda path: path.stem)
def test_contained(
    runners: dict[str, Runner | str], surroundings: Surroundings, attack: Path
) -> None:
    ready = {way: runner for way, runner in runners.items() if isinstance(runner, Runner)}
    if not ready:
        assert probe_isolation().level < "L2", runners
        pytest.skip("; ".join(map(str, runners.values())))
    files = surroundings.files()
    request = surroundings.request(attack)
    for runner in ready.values():
        runner.ask(request)
    answers = {way: runner.answer() for way, runner in ready.items()}

    for way, answer in answers.items():
        expected = _expected(attack, ready[way].level)
        if answer["status"] == "timeout" and not re.fullmatch(expected, "timeout"):
            # The other ways took its time: it is tried once more alone.
            ready[way].ask(request)
            answer = ready[way].answer()
        assert re.fullmatch(expected, answer["status"]), (way, answer)
        assert not SECRETS.search(answer["seen"]), (way, answer)
        assert not BREACH.search(answer["seen"]), (way, answer)
        assert answer["survivors"] == [], (way, answer)
        assert answer["invalid"] is None, (way, answer)
        assert answer["benign_is_as_before"], (way, answer)
        for name, status in answer["others"].items():
            expected = _expected(_others(attack)[name], ready[way].level)
            assert re.fullmatch(expected, status), (way, answer)
        assert answer["took_s"] < LONGEST_ALL_S, (way, answer)
        assert answer["wall_s"] < LIMITS.wall_s + LONGEST_OVERRUN_S, (way, answer)
    assert surroundings.hits == []
    assert surroundings.files() == files


def _others(attack: Path) -> dict[str, Path]:
    """The programs to run before and beside it, where its headers want such."""
    named = {when: _header(attack, when.upper()) for when in ("before", "beside")}
    named["beside"] = named["beside"] or BESIDE.get(attack.stem)
    return {when: OTHERS / f"{name}.py" for when, name in named.items() if name is not None}


def _expected(attack: Path, level: str) -> str:
    expected = _header(attack, "EXPECT")
    assert expected is not None
    return AT_L2.get(attack.stem, expected) if level == "L2" else expected


def _header(attack: Path, name: str) -> str | None:
    found = re.search(rf"^# {name}: (.*)$", attack.read_text(), re.MULTILINE)
    return None if found is None else found[1]
