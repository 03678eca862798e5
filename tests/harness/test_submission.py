"""Submissions: whatever a server of the contract does, the run goes on and nothing of it stays."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml
from asking import AskedPrompt

from darkwood_bench.harness import (
    Asked,
    AskedTable,
    BackendError,
    Budgets,
    Decoding,
    Generator,
    ModelProcess,
    Request,
    SubmissionSpec,
    choose_backend,
    converted_folder,
    ensure_weights,
    load_models,
)
from darkwood_bench.harness.backends.submission_container import Container, Shelf
from darkwood_bench.journal import Journal

SERVER = Path(__file__).with_name("contract_server.py")
SETTING = Decoding(context=64, threads=1)
PATIENCE_S = 30


@pytest.fixture
def spec(tmp_path: Path) -> Callable[..., SubmissionSpec]:
    """An entry of a registry of its own; by default the test's server."""

    def make(start: str = "", **fields: Any) -> SubmissionSpec:
        (tmp_path / "entry").mkdir(exist_ok=True)
        entry = {"health_s": PATIENCE_S, "folder": "entry", **fields}
        if not entry.keys() & {"command", "image", "url"}:
            entry |= {"command": ["{python}", str(SERVER)], "env": {"START": start}}
        path = tmp_path / "models.yaml"
        models = {"entry": {"title": "An entry", "default": True, "submission": entry}}
        path.write_text(yaml.safe_dump({"models": models}))
        spec = load_models(path)["entry"]
        assert isinstance(spec, SubmissionSpec)
        return spec

    return make


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[[SubmissionSpec], ModelProcess]]:
    """Starts entries, and ends them after the test."""
    processes: list[ModelProcess] = []

    def start(spec: SubmissionSpec) -> ModelProcess:
        weights = ensure_weights(spec, tmp_path / "cache")
        folder = converted_folder(tmp_path / "cache", weights.sha256)
        choice = choose_backend(spec, SETTING, folder)
        processes.append(ModelProcess(choice.name, choice.engine, weights.path))
        processes[-1].start()
        return processes[-1]

    yield start
    for process in processes:
        process.close()


def ask(process: ModelProcess, question: str, timeout_s: float = PATIENCE_S, **tables: Any) -> str:
    request = Request((), SETTING, asked=Asked(question, tables))
    return process.complete(request, timeout_s).text


def gone(pid: int) -> bool:
    """Whether a process ends, or has ended, soon."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize(
    ("shape", "posted"),
    [
        ("files", {"file_name": "/data/cards.parquet", "format": "parquet"}),
        ("dtypes", {"name": "String", "cost": "Int64"}),
        ("columns", {"columns": {"name": "String", "cost": "Int64"}, "n_rows": 3}),
    ],
)
def test_the_question_and_the_tables_are_posted_in_the_shape_asked_for(
    spec: Callable[..., SubmissionSpec],
    started: Callable[[SubmissionSpec], ModelProcess],
    shape: str,
    posted: dict[str, Any],
) -> None:
    cards = AskedTable(Path("/data/cards.parquet"), {"name": "String", "cost": "Int64"}, 3)
    body = json.loads(ask(started(spec(tables=shape)), "echo: Größe?", cards=cards))
    assert body == {"message": "echo: Größe?", "tables": {"cards": posted}}


BAD = {
    "html": r"reply is not JSON: '<html>oops</html>'",
    "list": "reply is no JSON object",
    "other": 'reply has no field response: \'{"code"',
    "number": "response is no string",
    "null": "response is no string",
    "surrogate": "half of a surrogate pair",
    "latin": "reply is not JSON",
    "deep": "reply is not JSON",
    "broken": "HTTP 500: ",
    "moved": "HTTP 307",
    "huge": "longer than 1,000,000 bytes",
    "cut": "ends 82 bytes too early",
    "closed": "no reply: RemoteDisconnected",
    "silent": "no answer within 2 s",
    "drip": "no answer within 2 s",
    "exit": r"submission ended with exit code 3; the end of .*submission\.log: out of ideas",
    "killed": "submission was ended by signal 9",
}


def test_a_bad_answer_is_a_row_and_the_run_goes_on(
    spec: Callable[..., SubmissionSpec], journal: Journal, tmp_path: Path
) -> None:
    words = [step for word in BAD for step in (word, f"fine: after {word}")]
    prompts = [
        AskedPrompt(word, f"zoo/{number}", [], None, Asked(f"{word}: ?", {}))
        for number, word in enumerate(words)
    ]
    cache = tmp_path / "cache"
    with Generator(
        "entry", spec(), SETTING, journal, cache, budgets=Budgets(max_seconds=2)
    ) as generator:
        batch = generator.run(prompts, prompt_variant="own")
    assert json.loads(batch.usage.versions)["submission"].startswith("its command, 0 files")
    rows = dict(zip(words, batch.rows, strict=True))
    for word, error in BAD.items():
        assert re.search(error, rows[word]["error"]), rows[word]["error"]
        assert rows[word]["finish_reason"] == "error"
        assert rows[word]["code"] is None
        after = rows[f"fine: after {word}"]
        assert (after["code"], after["error"]) == ("result = 1", None)
        assert after["completion_tokens"] is None
    # A crash says nothing of the answer, so the next run asks again; every other answer stands.
    known = journal.read().values()
    crashed = {row["task_id"] for row in known if row["error_kind"] == "worker_crash"}
    assert crashed == {rows["exit"]["task_id"], rows["killed"]["task_id"]}


def test_memory_is_that_of_the_whole_tree_daemons_and_passing_children_too(
    spec: Callable[..., SubmissionSpec], started: Callable[[SubmissionSpec], ModelProcess]
) -> None:
    process = started(spec("daemon"))
    server = next(
        child
        for child in psutil.Process(process.pid).children(recursive=True)
        if str(SERVER) in child.cmdline()
    )
    assert os.getsid(server.pid) not in (os.getsid(0), process.pid), "it is a daemon"
    before = process.meter.peak_ram_bytes
    assert before > server.memory_info().rss > 0
    ask(process, "memory: please")  # of a child that has ended when the answer comes
    assert process.meter.peak_ram_bytes > before + 100_000_000


@pytest.mark.parametrize("start", ["", "daemon"])
def test_nothing_of_it_is_left_when_the_run_ends(
    spec: Callable[..., SubmissionSpec],
    started: Callable[[SubmissionSpec], ModelProcess],
    start: str,
) -> None:
    process = started(spec(start))
    server, child = map(int, ask(process, "tree: of two").split())
    process.close()
    assert gone(server)
    assert gone(child)


PARENT = """
import json, sys
from pathlib import Path
from darkwood_bench.harness import *

spec = load_models(Path(sys.argv[1]))["entry"]
cache = Path(sys.argv[2])
weights = ensure_weights(spec, cache)
setting = Decoding(context=64, threads=1)
choice = choose_backend(spec, setting, converted_folder(cache, weights.sha256))
process = ModelProcess(choice.name, choice.engine, weights.path)
process.start()
print(process.complete(Request((), setting, asked=Asked("tree: of two", {})), 60).text, flush=True)
print(process.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("victim", ["run", "worker", "keeper"])
def test_nothing_of_it_is_left_when_one_of_ours_is_killed(
    spec: Callable[..., SubmissionSpec], tmp_path: Path, victim: str
) -> None:
    spec()
    run = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "models.yaml"), str(tmp_path / "cache")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdin is not None
    assert run.stdout is not None
    server, child = map(int, run.stdout.readline().split())
    worker = int(run.stdout.readline())
    keeper = psutil.Process(server).ppid()
    os.kill({"run": run.pid, "worker": worker, "keeper": keeper}[victim], signal.SIGKILL)
    assert gone(server)
    if victim != "keeper":  # the kernel kills only its child
        assert gone(child)
    else:
        psutil.Process(child).kill()
    run.stdin.close()
    run.wait(PATIENCE_S)


def test_a_server_that_ends_between_two_questions_is_started_again(
    spec: Callable[..., SubmissionSpec], started: Callable[[SubmissionSpec], ModelProcess]
) -> None:
    process = started(spec())
    server, child = map(int, ask(process, "tree: of two").split())
    worker = process.pid
    os.kill(server, signal.SIGKILL)
    assert gone(child)
    assert worker is not None
    assert gone(worker)
    process.start()
    assert ask(process, "count: these") == "result = 1"


def test_a_reset_forgets_what_was_asked(
    spec: Callable[..., SubmissionSpec], started: Callable[[SubmissionSpec], ModelProcess]
) -> None:
    process = started(spec())
    server, _ = map(int, ask(process, "tree: of two").split())
    process.reset()
    assert gone(server)
    assert ask(process, "count: these") == "result = 1"
    loaded = process.meter.peak_ram_bytes
    process.reset()
    assert process.meter.peak_ram_bytes <= loaded


@pytest.mark.parametrize(
    ("start", "fields", "error"),
    [
        (
            "dies",
            {},
            r"(?s)^the submission did not load: .*code 4 before .*loading …\nno weights here",
        ),
        ("never", {"health_s": 5}, r"not ready within 5 s: GET .* answers HTTP 200 '<h1>It wo"),
        ("", {"command": ["no-such-program"]}, r"(?s)could not be started.*No such file"),
        ("", {"folder": "nowhere"}, "nowhere: no such folder to start the submission in"),
        ("", {"command": ["sleep", "60"], "health_s": 0.5}, "is refused: nothing listens there"),
    ],
)
def test_what_does_not_start_says_why(
    spec: Callable[..., SubmissionSpec],
    started: Callable[[SubmissionSpec], ModelProcess],
    start: str,
    fields: dict[str, Any],
    error: str,
) -> None:
    with pytest.raises(BackendError, match=error):
        started(spec(start, **fields))


def test_a_slow_start_is_waited_for_and_is_no_part_of_an_answer(
    spec: Callable[..., SubmissionSpec], started: Callable[[SubmissionSpec], ModelProcess]
) -> None:
    process = started(spec("slow"))
    assert process.load_s > 0.6
    assert ask(process, "plain: please") == "result = 1"


def test_a_port_that_another_program_has_is_not_asked(
    spec: Callable[..., SubmissionSpec], started: Callable[[SubmissionSpec], ModelProcess]
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(BackendError, match=f"port {port} is taken by another program"):
            started(spec(port=port))


def test_a_server_that_runs_already_is_asked_and_left_alone(
    spec: Callable[..., SubmissionSpec],
    started: Callable[[SubmissionSpec], ModelProcess],
    journal: Journal,
    tmp_path: Path,
) -> None:
    first = started(spec())
    server, _ = map(int, ask(first, "tree: of two").split())
    port = psutil.Process(server).net_connections("tcp")[0].laddr.port
    elsewhere = spec(url=f"http://127.0.0.1:{port}/")
    prompt = AskedPrompt("1", "zoo/1", [], None, Asked("count: these", {}))
    with Generator("entry", elsewhere, SETTING, journal, tmp_path / "cache") as generator:
        batch = generator.run([prompt], prompt_variant="own")
    assert batch.rows[0]["code"] == "result = 2"
    assert batch.usage.peak_ram_bytes is None
    assert batch.usage.device.startswith(f"server 127.0.0.1:{port}")
    assert batch.usage.weights_sha256.startswith("declared:")
    assert ask(first, "count: these") == "result = 3"


def test_an_image_without_an_engine_is_refused_in_a_line(
    spec: Callable[..., SubmissionSpec], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackendError, match="docker is not installed; podman is not installed"):
        ensure_weights(spec(image="team/entry:1"), tmp_path / "cache")


def test_a_container_sees_the_tables_that_it_was_asked_about_and_no_others(tmp_path: Path) -> None:
    for name in ("cards", "secrets"):
        (tmp_path / "db").mkdir(exist_ok=True)
        (tmp_path / "db" / f"{name}.parquet").write_text(name)
    shelf = Shelf(tmp_path / "tables")
    shelf.folder.mkdir()
    asked = Asked("?", {"cards": AskedTable(tmp_path / "db" / "cards.parquet", {"a": "Int64"}, 1)})
    shown = shelf.show(asked)
    assert shelf.show(asked) == shown
    assert shown.tables["cards"].path.read_text() == "cards"
    assert [path.name for path in shelf.folder.rglob("*.parquet")] == ["cards.parquet"]
    plan = Container("docker", "team/entry:1", "darkwood-1", 8000).plan(
        shelf.folder, {"API_KEY": "sk-secret", "PATH": "/app/bin"}, cuda=False
    )
    # Anybody on this machine may read a command line; the engine's client needs a PATH of ours.
    assert not any("sk-secret" in word for word in plan.command)
    assert plan.command[(at := plan.command.index("API_KEY")) - 1 : at + 1] == ["--env", "API_KEY"]
    assert plan.env == {"PORT": "8000", "API_KEY": "sk-secret"}
    assert "PATH=/app/bin" in plan.command
    assert f"type=bind,source={shelf.folder},target={shelf.folder},readonly" in plan.command
    assert ["docker", "network", "create", "--internal", "darkwood-1"] in plan.before
    assert ["docker", "rm", "--force", "darkwood-1"] in plan.afterwards


def test_a_container_that_is_not_next_door_is_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = {"darkwood-1": {"IPAddress": "203.0.113.7", "IPPrefixLen": 24}}
    engine = tmp_path / "docker"
    engine.write_text(f"#!/bin/sh\necho '7 {json.dumps(state)}'\n")
    engine.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    container = Container("docker", "team/entry:1", "darkwood-1", 8000)
    with pytest.raises(BackendError, match=r"off its internal network 203\.0\.113\.0/24"):
        container.wait(lambda: None)


def test_it_is_known_by_its_command_and_its_code(
    spec: Callable[..., SubmissionSpec], tmp_path: Path
) -> None:
    folder = tmp_path / "entry"
    folder.mkdir(exist_ok=True)
    (folder / "app.py").write_text("print(1)")
    weights = tmp_path / "weights.gguf"
    weights.write_bytes(b"1")

    def identity(**fields: Any) -> str:
        entry = {"command": ["python", "app.py"], "env": {"W": str(weights)}}
        return ensure_weights(spec(**{**entry, **fields}), tmp_path / "cache").sha256

    plain = identity()
    assert plain.startswith("code:")
    for name in ("run.log", ".state", "__pycache__"):
        (folder / name).mkdir() if name == "__pycache__" else (folder / name).write_text("1")
    assert identity() == identity(health_s=9) == plain
    seen = {plain, identity(revision="2"), identity(tables="dtypes"), identity(env={})}
    seen.add(identity(command=["python", "app.py", "-v"]))
    weights.write_bytes(b"22")
    seen.add(identity())
    (folder / "app.py").write_text("print(22)")
    seen.add(identity())
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    (folder / ".gitignore").write_text("*.bin\n")
    listed = identity()
    (folder / "ignored.bin").write_bytes(b"1")
    assert identity() == listed
    seen.add(listed)
    (folder / "new.py").write_text("1")
    seen.add(identity())
    assert len(seen) == 9
