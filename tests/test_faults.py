"""What a machine can do to a run: a clear line, nothing finished lost, and it goes on after."""

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from upath import UPath

from darkwood_bench.assets.slices import RunConfig
from darkwood_bench.claims import claimed, holder
from darkwood_bench.definitions import build_definitions
from darkwood_bench.harness import RegistryError
from darkwood_bench.journal import Journal, JournalError
from darkwood_bench.launch import StageFailure, open_instance, run_grid
from darkwood_bench.partitions import Cell, range_tags
from darkwood_bench.progress import Progress
from darkwood_bench.prompting import load_variants
from darkwood_bench.resources import Bench
from darkwood_bench.score_history import past_scores
from darkwood_bench.settings import PROJECT
from darkwood_bench.storage import TableError, read_table, write_whole

PATIENCE_S = 240
HOME_CONFIG = """
telemetry: {enabled: false}
concurrency: {runs: {max_concurrent_runs: 2}, pools: {default_limit: 1, granularity: op}}
"""


def start(home: Path, *command: str, **env: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", *command],
        env=os.environ | {"DAGSTER_HOME": str(home), "COLUMNS": "300"} | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run_slow(home: Path) -> subprocess.Popen[str]:
    return start(home, "darkwood_bench", "run", "-m", "slow", "-v", "minimal", "--json")


def answered(home: Path) -> int:
    path = home / "darkwood" / "journal" / "slow.jsonl"
    return len(Journal(path, key="generation_id").read())


def until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of 24 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("a file system can be mounted only by root")
    (folder / "dagster.yaml").write_text(HOME_CONFIG)
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_fills_up_in_a_run_loses_no_answer(small_disk: Path) -> None:
    process = run_slow(small_disk)
    until(lambda: answered(small_disk) >= 2, process)
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert "Traceback" not in err
    (line,) = [line for line in err.splitlines() if line.startswith("error:")]
    assert "the disk is full; finished answers are kept: free some space" in line
    kept = answered(small_disk)
    assert kept >= 2

    filler.unlink()
    process = run_slow(small_disk)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, err
    assert json.loads(out)[0]["n_tasks"] == 5
    runs = read_table(str(small_disk / "darkwood" / "tables"), "runs", "slow", "minimal")
    assert runs["n_reused"].to_list() == [kept]


def test_a_write_that_is_refused_leaves_what_was_there(tmp_path: Path) -> None:
    """The limit of a file's size stands in for the disk's, where nobody may mount one."""
    journal = Journal(tmp_path / "work.jsonl", key="id")
    journal.append({"id": "a", "text": "x" * 2000})
    write_whole(UPath(tmp_path / "table"), b"before")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(OSError, match=r"work\.jsonl"):
            journal.append({"id": "b", "text": "x" * 4000})
        with pytest.raises(OSError, match="large"):
            write_whole(UPath(tmp_path / "table"), bytes(8000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert list(journal.read()) == ["a"]
    journal.append({"id": "c"})
    assert list(journal.read()) == ["a", "c"]
    assert (tmp_path / "table").read_bytes() == b"before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["table", "work.jsonl"]


@pytest.fixture
def local(bench: Bench, tmp_path: Path) -> Bench:
    """A bench whose tables are files."""
    return Bench(replace(bench.settings, tables=str(tmp_path / "tables")))


def run(bench: Bench, variant: str = "minimal", **config: Any) -> list[str]:
    with open_instance(bench) as instance:
        order = list(load_variants(bench.settings.variants))
        return run_grid(instance, bench, [Cell("script", variant)], order, RunConfig(**config))


def test_a_table_that_is_cut_off_is_named_with_how_it_is_made_again(local: Bench) -> None:
    run(local, limit=2)
    tables = Path(local.settings.tables)
    whole = read_table(str(tables), "scores", "script", "minimal")
    for name in ("generations", "scores"):
        path = tables / name / "script" / "minimal.parquet"
        path.write_bytes(path.read_bytes()[:-40])
        with pytest.raises(
            TableError,
            match=rf"{name}/script/minimal\.parquet: no whole Parquet .*delete it and make {name} "
            r"again: `darkwood run --model script --variant minimal`",
        ):
            read_table(str(tables), name, "script", "minimal")
    # Another partition's run leaves it out of the board, and its own makes it again.
    run(local, "schema", limit=2)
    assert read_table(str(tables), "leaderboard")["prompt_variant"].to_list() == ["schema"]
    run(local, limit=2)
    again = read_table(str(tables), "scores", "script", "minimal")
    assert again["score_id"].to_list() == whole["score_id"].to_list()


def test_a_past_score_that_is_cut_off_is_named(local: Bench) -> None:
    run(local, limit=1)
    (path,) = Path(local.settings.tables, "history", "script", "minimal").iterdir()
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(TableError, match=r"history/.*one past score; delete it"):
        past_scores(local.settings.tables)


def test_a_registry_that_is_edited_in_a_run_stops_it_with_the_entry(
    local: Bench, tmp_path: Path
) -> None:
    variants = tmp_path / "variants.yaml"
    shutil.copy(local.settings.variants, variants)
    edited = replace(local.settings, variants=variants)

    text = variants.read_text()
    assert "You write Python code" in text
    run(Bench(edited), limit=2)
    kept = len(Journal(local.settings.store / "journal" / "script.jsonl", "generation_id").read())
    with open_instance(local) as instance:
        variants.write_text(text.replace("You write Python code", "Write Python code", 1))
        answer = build_definitions(Bench(edited)).resolve_job_def("answer")
        result = answer.execute_in_process(
            instance=instance,
            tags=range_tags(Cell("script", "minimal"), Cell("script", "minimal")),
            raise_on_error=False,
        )
        assert not result.success
        (failure,) = [event for event in result.all_node_events if event.is_step_failure]
        cause = failure.step_failure_data.error
        assert cause is not None
        while cause.cause is not None:
            cause = cause.cause
        assert "the variant 'minimal' was edited in" in cause.message
        assert "run again" in cause.message
    variants.write_text(text)
    run(Bench(edited), limit=2)
    journal = Journal(local.settings.store / "journal" / "script.jsonl", "generation_id")
    assert len(journal.read()) == kept  # nothing was asked again

    registry = tmp_path / "models.yaml"
    registry.write_text(
        "models: {other: {title: t, default: true, backend: scripted, file: a.yaml, "
        "sources: [{local: a.yaml}]}}"
    )
    with pytest.raises(StageFailure, match=r"models\.yaml: models\.script: was taken out"):
        run(Bench(replace(local.settings, models=(registry,))), limit=2)
    registry.write_text("models: {script")
    with pytest.raises(RegistryError, match=r"models\.yaml: not YAML"):
        run(Bench(replace(local.settings, models=(registry,))), limit=2)


def test_a_second_run_of_a_partition_waits_and_says_for_whom(local: Bench) -> None:
    store = local.settings.store
    cells = [("script", "minimal"), ("script", "schema")]
    code = (
        "import sys, time; from pathlib import Path; from darkwood_bench.claims import claimed\n"
        f"with claimed(Path({str(store)!r}), {cells}, 'first-run', print):\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    first = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert first.stdin is not None
    assert first.stdout is not None
    assert first.stdout.readline() == "held\n"
    said: list[Progress] = []

    def report(progress: Progress) -> None:
        said.append(progress)
        if progress.stage == "waiting" and first.poll() is None:
            first.kill()  # a claim ends with its process, however that ends

    assert holder(store, cells[0]) == "first-run"
    run(Bench(local.settings, report), limit=1)
    first.communicate()
    waits = [progress.subject for progress in said if progress.stage == "waiting"]
    assert waits[0] == "for run first-ru, which is at work on script|minimal"
    assert holder(store, cells[0]) is None

    lines: list[str] = []
    with claimed(store, cells, "one", lines.append):

        def give_up(line: str) -> None:
            lines.append(line)
            raise InterruptedError

        with (
            pytest.raises(InterruptedError),
            claimed(store, [("a", "b"), cells[1]], "two", give_up),
        ):
            pass
        assert holder(store, ("a", "b")) is None
    assert lines == [
        "script|schema: run one is at work on it; this run goes on when that one has ended"
    ]


def test_of_two_processes_on_one_partition_the_second_asks_nothing_again(tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").write_text(HOME_CONFIG)
    first = run_slow(tmp_path)
    until(lambda: holder(tmp_path / "darkwood", ("slow", "minimal")) is not None, first)
    second = run_slow(tmp_path)
    out, err = second.communicate(timeout=PATIENCE_S)
    assert second.returncode == 0, err
    assert re.search(r"for run [0-9a-f]{8}, which is (measuring|at work on slow\|minimal)", err)
    theirs, err = first.communicate(timeout=PATIENCE_S)
    assert first.returncode == 0, err
    assert json.loads(out)[0]["score_id"] == json.loads(theirs)[0]["score_id"]
    runs = read_table(str(tmp_path / "darkwood" / "tables"), "runs", "slow", "minimal")
    assert (runs["n_reused"].item(), answered(tmp_path)) == (5, 5)


def test_a_journal_that_cannot_be_read_is_named_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "work.jsonl"
    journal = Journal(path, key="id")
    for key in "abc":
        journal.append({"id": key})
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + b"\x00\xff garbage \x80\n" + lines[2])
    with pytest.raises(JournalError, match=r"work\.jsonl:2: not a journal row .* delete this line"):
        journal.read()
    with pytest.raises(JournalError):
        journal.compact()
    path.write_bytes(lines[0] + lines[2])
    assert list(journal.read()) == ["a", "c"]

    folder = tmp_path / "folder.jsonl"
    folder.mkdir()
    with pytest.raises(JournalError, match=r"folder\.jsonl: cannot be read \(Is a directory\)"):
        Journal(folder, key="id").read()


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="users are POSIX's")
def test_a_journal_of_another_user_is_named(tmp_path: Path) -> None:
    path = tmp_path / "work.jsonl"
    Journal(path, key="id").append({"id": "a"})
    path.chmod(0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        with pytest.raises(
            JournalError, match=r"work\.jsonl: cannot be read \(Permission denied\)"
        ):
            Journal(path, key="id").read()
    finally:
        os.seteuid(user)


def test_a_daemon_that_is_killed_costs_no_answer_and_holds_nothing_up(tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").write_text(HOME_CONFIG)
    workspace = ["-w", str(PROJECT / "workspace.yaml")]
    config = json.dumps({"resources": {"asking": {"config": {"quick": True}}}})
    tags = json.dumps({"dagster/partition": "slow|minimal"})
    launch = start(
        tmp_path,
        *("dagster", "job", "launch", *workspace, "-j", "benchmark", "--tags", tags),
        *("--config-json", config),
    )
    _, err = launch.communicate(timeout=PATIENCE_S)
    assert launch.returncode == 0, err
    daemon = start(tmp_path, "dagster._daemon", "run", *workspace)
    until(lambda: answered(tmp_path) >= 2, daemon)
    os.killpg(daemon.pid, signal.SIGKILL)
    daemon.communicate()
    kept = answered(tmp_path)

    process = run_slow(tmp_path)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, err
    assert json.loads(out)[0]["n_tasks"] == 5
    runs = read_table(str(tmp_path / "darkwood" / "tables"), "runs", "slow", "minimal")
    assert runs["n_reused"].item() >= kept >= 2
