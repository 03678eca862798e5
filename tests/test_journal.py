import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkwood_bench.journal import Journal, JournalError


def rows(*keys: str) -> dict[str, dict[str, str]]:
    return {key: {"id": key} for key in keys}


def journal_of(folder: Path, *keys: str) -> Journal:
    journal = Journal(folder / "deep" / "work.jsonl", key="id")
    for key in keys:
        journal.append({"id": key})
    return journal


def test_what_is_appended_is_read_back_in_order(tmp_path: Path) -> None:
    assert journal_of(tmp_path, "b", "a").read() == rows("b", "a")
    assert Journal(tmp_path / "none.jsonl", key="id").read() == {}


def test_a_later_row_of_the_same_key_stands(tmp_path: Path) -> None:
    journal = journal_of(tmp_path, "a")
    journal.append({"id": "a", "text": "é\n"})
    assert journal.read() == {"a": {"id": "a", "text": "é\n"}}


@settings(deadline=None)
@given(cut=st.integers(1, 200), text=st.text(max_size=20))
def test_a_torn_last_line_loses_only_itself(
    tmp_path_factory: pytest.TempPathFactory, cut: int, text: str
) -> None:
    journal = journal_of(tmp_path_factory.mktemp("torn"), "a", "b")
    whole = journal.path.read_bytes()
    last = json.dumps({"id": "c", "text": text}).encode()
    journal.path.write_bytes(whole + last[: min(cut, len(last) - 1)])
    assert journal.read() == rows("a", "b")
    journal.append({"id": "d"})
    assert journal.read() == rows("a", "b", "d")


_values = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
_values |= st.lists(_values, max_size=3) | st.dictionaries(st.text(), _values, max_size=3)
_fields = st.sampled_from(["text", "count", "stop.json", "é"])


@settings(deadline=None, max_examples=50)
@given(st.lists(st.dictionaries(_fields, _values), max_size=6), st.integers(0, 6))
def test_compacted_rows_are_read_back_whatever_they_hold(
    tmp_path_factory: pytest.TempPathFactory, found: list[dict[str, Any]], kept: int
) -> None:
    journal = journal_of(tmp_path_factory.mktemp("compacted"))
    written = [{"id": str(number), **row} for number, row in enumerate(found)]
    for number, row in enumerate(written):
        if number == kept:
            journal.compact()
        journal.append(row)
    journal.compact()
    read = journal.read()
    assert list(read) == [row["id"] for row in written]
    for row in written:
        back = read[row["id"]]
        assert {name: back[name] for name in row} == row
        assert [back[name] for name in back.keys() - row.keys()] == [None] * (len(back) - len(row))


def test_compacting_leaves_an_empty_tail_and_one_row_a_key(tmp_path: Path) -> None:
    journal = journal_of(tmp_path, "a", "b")
    journal.append({"id": "a", "n": 2})
    with journal.path.open("ab") as file:
        file.write(b'{"id": "torn')
    journal.compact()
    assert journal.path.read_bytes() == b""
    assert pl.read_parquet(journal.archive).to_dicts() == [
        {"id": "a", "n": 2},
        {"id": "b", "n": None},
    ]
    journal.append({"id": "b", "n": 3})
    assert [row["n"] for row in journal.read().values()] == [2, 3]
    assert [path.name for path in sorted(journal.path.parent.iterdir())] == [
        "work.jsonl",
        "work.parquet",
    ]


def test_a_kill_between_the_archive_and_the_tail_repeats_nothing(tmp_path: Path) -> None:
    journal = journal_of(tmp_path, "a", "b")
    lines = journal.path.read_bytes()
    journal.compact()
    journal.path.write_bytes(lines)
    assert journal.read() == rows("a", "b")
    journal.compact()
    assert journal.read() == rows("a", "b")


def test_a_broken_archive_is_named(tmp_path: Path) -> None:
    journal = journal_of(tmp_path, "a")
    journal.archive.write_bytes(b"PAR1 and nothing else")
    with pytest.raises(JournalError, match=r"work\.parquet: not an archive"):
        journal.read()


def test_a_broken_line_in_the_middle_names_file_and_line(tmp_path: Path) -> None:
    journal = journal_of(tmp_path, "a")
    with journal.path.open("ab") as file:
        file.write(b"not json\n")
    journal.append({"id": "b"})
    with pytest.raises(JournalError, match=r"work\.jsonl:2: .*delete this line"):
        journal.read()


WRITER = """
import sys
from pathlib import Path
from typing import Any
from darkwood_bench.journal import Journal
journal = Journal(Path(sys.argv[1]), key="id")
for number in range(100_000):
    journal.append({"id": f"{sys.argv[2]}-{number}", "text": "x" * 500})
    print(number, flush=True)
"""


def test_two_writers_killed_at_any_moment_leave_every_row_they_spoke_of(tmp_path: Path) -> None:
    path = tmp_path / "work.jsonl"
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), name], stdout=subprocess.PIPE, text=True
        )
        for name in ("one", "two")
    ]
    time.sleep(1.0)
    spoken = {}
    for name, writer in zip(("one", "two"), writers, strict=True):
        os.kill(writer.pid, signal.SIGKILL)
        assert writer.stdout is not None
        lines = writer.stdout.read().split()
        writer.wait()
        spoken[name] = int(lines[-1]) if lines else -1
    kept = Journal(path, key="id").read()
    for name, last in spoken.items():
        assert {f"{name}-{number}" for number in range(last + 1)} <= kept.keys()
