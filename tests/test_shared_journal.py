"""Journals of a cluster: on a real S3 server, with processes that are killed."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from s3_server import s3_server
from upath import UPath

from darkwood_bench.journal import JournalError
from darkwood_bench.sandbox import ResultStoreError
from darkwood_bench.shared_journal import FOLD_AT, SharedJournal
from darkwood_bench.shared_results import SharedResults

_numbers = count()


@pytest.fixture(scope="module", params=["folder", "s3"])
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    if request.param == "folder":
        yield tmp_path_factory.mktemp("shared")
        return
    with s3_server("journals"):
        yield "s3://journals"


@pytest.fixture
def shared(place: Any) -> UPath:
    return UPath(place) / str(next(_numbers))


def node(tmp_path: Path, name: str, shared: UPath, every_s: float = 0.05) -> SharedJournal:
    """The journal as a machine of its own has it."""
    return SharedJournal(tmp_path / name, shared, "id", every_s)


def names(shared: UPath) -> list[str]:
    shared.fs.invalidate_cache()
    return sorted(path.name for path in shared.iterdir())


def test_another_machine_reads_what_one_appended(tmp_path: Path, shared: UPath) -> None:
    with node(tmp_path, "one", shared) as one:
        one.append({"id": "a", "text": "é\n", "parts": [1.5, None]})
        one.append({"id": "b"})
        assert list(one.read()) == ["a", "b"]
    assert [path.name for path in (tmp_path / "one").iterdir()] == []
    assert [Path(name).suffix for name in names(shared)] == [".parquet"]
    with node(tmp_path, "two", shared) as two:
        rows = two.read()
        assert list(rows) == ["a", "b"]
        assert (rows["a"]["text"], rows["a"]["parts"]) == ("é\n", [1.5, None])
        two.append({"id": "a", "text": "newer"})
    with node(tmp_path, "three", shared) as three:
        assert three.read()["a"]["text"] == "newer"


def test_nothing_is_put_for_a_session_that_appended_nothing(tmp_path: Path, shared: UPath) -> None:
    with node(tmp_path, "one", shared):
        pass
    assert not shared.exists() or names(shared) == []


def test_rows_are_there_before_the_session_ends(tmp_path: Path, shared: UPath) -> None:
    with node(tmp_path, "one", shared) as one:
        one.append({"id": "a"})
        wait_for(lambda: shared.exists() and names(shared))
        with node(tmp_path, "two", shared) as two:
            assert list(two.read()) == ["a"]
            two.append({"id": "b"})
        one.append({"id": "c"})
    with node(tmp_path, "three", shared) as three:
        assert set(three.read()) == {"a", "b", "c"}


def test_many_sessions_become_one_object_and_lose_nothing(tmp_path: Path, shared: UPath) -> None:
    for number in range(FOLD_AT):
        with node(tmp_path, "one", shared, every_s=9) as journal:
            journal.append({"id": str(number)})
            journal.append({"id": "same", "n": number})
    assert len(names(shared)) == 1
    with node(tmp_path, "two", shared) as journal:
        assert set(journal.read()) == {"same", *map(str, range(FOLD_AT))}
        assert journal.read()["same"]["n"] == FOLD_AT - 1


def test_what_is_no_journal_is_named(tmp_path: Path, shared: UPath) -> None:
    with node(tmp_path, "one", shared) as journal:
        journal.append({"id": "a"})
    (shared / "0-0.parquet").write_bytes(b"PAR1 and nothing else")
    with (
        pytest.raises(JournalError, match=r"0-0\.parquet: .*delete it"),
        node(tmp_path, "two", shared),
    ):
        pass


WRITER = """
import sys
from pathlib import Path
from upath import UPath
from darkwood_bench.shared_journal import SharedJournal

with SharedJournal(Path(sys.argv[1]), UPath(sys.argv[2]), "id", 0.3) as journal:
    for number in range(100_000):
        journal.append({"id": str(number), "text": "x" * 40_000})
        print(number, flush=True)
"""


def killed(folder: Path, shared: UPath) -> int:
    """Run a writer for a while, kill it, and give how many rows it spoke of."""
    command = [sys.executable, "-c", WRITER, str(folder), str(shared)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline()]
        wait_for(lambda: shared.exists() and any(".000001." in name for name in names(shared)))
        time.sleep(0.5)
        writer.send_signal(signal.SIGKILL)
        lines += writer.stdout.readlines()
    return int(lines[-1]) + 1


def test_a_process_that_is_killed_loses_nothing_and_a_machine_its_last_moments(
    tmp_path: Path, shared: UPath
) -> None:
    spoken = killed(tmp_path / "one", shared)
    with node(tmp_path, "other", shared) as other:  # as if the first machine were gone
        uploaded = list(other.read())
        assert uploaded == list(map(str, range(len(uploaded))))
        assert 1 < len(uploaded) <= spoken
    with node(tmp_path, "one", shared) as same:  # it comes back
        # One more may have reached the disk than was spoken of.
        assert len(same.read()) in (spoken, spoken + 1)
    assert [name for name in names(shared) if name.endswith(".jsonl")] == []
    with node(tmp_path, "other", shared) as other:
        assert len(other.read()) >= spoken


def test_a_store_that_is_away_keeps_the_rows_here_for_the_next_session(
    tmp_path: Path, shared: UPath, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = type(shared).write_bytes

    def refuse(self: UPath, data: bytes) -> int:
        raise OSError("the store is away")

    with (
        pytest.raises(JournalError, match=r"the store is away.*next run"),
        node(tmp_path, "one", shared) as journal,
    ):
        monkeypatch.setattr(type(shared), "write_bytes", refuse)
        journal.append({"id": "a"})
        time.sleep(0.2)
    monkeypatch.setattr(type(shared), "write_bytes", write)
    with node(tmp_path, "one", shared):
        pass
    with node(tmp_path, "two", shared) as other:
        assert list(other.read()) == ["a"]


def test_results_are_read_on_another_machine(tmp_path: Path, shared: UPath) -> None:
    frame = pl.DataFrame({"n": [1, 2]})
    with SharedResults(tmp_path / "one", shared) as one:
        name = one.put(frame)
        assert one.put(frame) == name
        assert name in one
        assert one.get(name).equals(frame)
    with SharedResults(tmp_path / "two", shared) as two:
        assert name in two
        assert two.get(name).equals(frame)
        assert "0" * 64 not in two
        with pytest.raises(ResultStoreError, match="no such result"):
            two.get("0" * 64)
    (tmp_path / "two" / f"{name}.arrow").unlink()
    (shared / f"{name}.arrow").write_bytes(b"something else")
    with (
        SharedResults(tmp_path / "two", shared) as two,
        pytest.raises(ResultStoreError, match="dam"),
    ):
        two.get(name)


def wait_for(condition: Any, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)
