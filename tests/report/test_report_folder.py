"""The report's folder is replaced whole, and only what has changed is written."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from darkwood_bench.report.folder import Page, ReportError, write_report


def pages(**texts: str) -> Iterator[Page]:
    for name, text in texts.items():
        yield Page(f"{name}.html", text, text.encode)


def told(_: int) -> None:
    pass


def test_pages_that_have_not_changed_are_the_same_files(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    write_report(folder, pages(one="1", two="2", gone="x"), told)
    before = (folder / "one.html").stat()
    written = write_report(folder, pages(one="1", two="changed"), told)
    after = (folder / "one.html").stat()
    assert (written.pages, written.changed) == (2, 1)
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert (folder / "two.html").read_text() == "changed"
    assert not (folder / "gone.html").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".report.lock", "report"]


def test_a_page_that_was_deleted_is_written_again(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    write_report(folder, pages(one="1"), told)
    (folder / "one.html").unlink()
    assert write_report(folder, pages(one="1"), told).changed == 1


def test_an_error_or_an_interrupt_leaves_the_old_report_whole(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    write_report(folder, pages(one="1", two="2"), told)

    def broken() -> Iterator[Page]:
        yield from pages(one="new")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_report(folder, broken(), told)
    assert {path.name: path.read_text() for path in folder.glob("*.html")} == {
        "one.html": "1",
        "two.html": "2",
    }


def test_a_killed_build_leaves_the_old_report_and_the_next_one_goes_through(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "report"
    write_report(folder, pages(**{f"p{n}": "old" for n in range(200)}), told)
    program = (
        "import sys, time; from pathlib import Path;"
        "from darkwood_bench.report.folder import Page, write_report\n"
        "def pages():\n"
        "  for n in range(200):\n"
        "    yield Page(f'p{n}.html', 'new', b'new'.__str__().encode)\n"
        "write_report(Path(sys.argv[1]), pages(), lambda done: (print(done, flush=True), "
        "time.sleep(0.002)))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if int(line) >= 50:
            os.kill(process.pid, signal.SIGKILL)
            break
    process.wait()
    assert {path.read_text() for path in folder.glob("*.html")} == {"old"}
    assert len(list(folder.glob("*.html"))) == 200
    written = write_report(folder, pages(**{f"p{n}": "newer" for n in range(200)}), told)
    assert written.changed == 200
    assert {path.read_text() for path in folder.glob("*.html")} == {"newer"}


def test_a_reader_never_meets_a_folder_without_its_index(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    write_report(folder, pages(index="0"), told)
    program = (
        "import sys; from pathlib import Path;"
        "from darkwood_bench.report.folder import Page, write_report\n"
        "for n in range(40):\n"
        "  write_report(Path(sys.argv[1]), [Page('index.html', n, str(n).encode)], print)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(folder)], stdout=subprocess.DEVNULL
    )
    looks = 0
    while process.poll() is None:
        assert (folder / "index.html").read_bytes()
        looks += 1
        time.sleep(0.0002)
    assert process.returncode == 0
    assert looks
    assert (folder / "index.html").read_text() == "39"


def test_something_else_is_not_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    folder.mkdir()
    (folder / "diary.txt").write_text("dear diary")
    with pytest.raises(ReportError, match="something else than a report"):
        write_report(folder, pages(one="1"), told)
    assert (folder / "diary.txt").read_text() == "dear diary"


def test_a_report_that_a_kill_left_under_another_name_is_found_again(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    write_report(folder, pages(one="1"), told)
    before = (folder / "one.html").stat().st_ino
    folder.rename(tmp_path / ".report.old")
    assert write_report(folder, pages(one="1"), told).changed == 0
    assert (folder / "one.html").stat().st_ino == before


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match="file"):
        write_report(tmp_path / "file" / "report", pages(one="1"), told)
