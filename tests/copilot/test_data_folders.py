"""Which files a request can have read."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from darkwood_bench.copilot import tables
from darkwood_bench.copilot.folders import DataFolders
from darkwood_bench.copilot.models import TableFile
from darkwood_bench.copilot.uploads import Uploads


@pytest.fixture
def place(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    (data / "inner").mkdir(parents=True)
    (data / "cards.csv").write_text("inside")
    (data / "inner" / "deep.csv").write_text("deep")
    (tmp_path / "secret.csv").write_text("secret")
    (tmp_path / "data-too").mkdir()
    (tmp_path / "data-too" / "x.csv").write_text("neighbour")
    (data / "link.csv").symlink_to(tmp_path / "secret.csv")
    (data / "up").symlink_to(tmp_path)
    os.mkfifo(data / "pipe.csv")
    return data


def test_of_a_long_csv_its_beginning_tells_the_columns(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_CSV_BYTES", 1_000)
    (place / "long.csv").write_text("name,cost\n" + "".join(f"Elf,{n}\n" for n in range(50_000)))
    (place / "short.csv").write_text("name,cost\nElf,1.5")
    folders, uploads = DataFolders([place]), Uploads(1, 60)
    try:
        asked = {
            name: TableFile(file_name=f"{name}.csv", format="csv") for name in ("long", "short")
        }
        known = tables.Tables(folders, uploads, 1_000_000).known(asked, "")
        assert known["long"].texts == {"name": "String", "cost": "Int64"}
        assert known["short"].texts == {"name": "String", "cost": "Float64"}
    finally:
        folders.close()
        uploads.close()


@pytest.fixture
def folders(place: Path) -> Iterator[DataFolders]:
    opened = DataFolders([place])
    yield opened
    opened.close()


def read(folders: DataFolders, name: str) -> str | None:
    found = folders.open(name)
    if found is None:
        return None
    with found.file as file:
        return file.read().decode()


def test_files_below_it_are_found_by_either_path(place: Path, folders: DataFolders) -> None:
    assert read(folders, str(place / "cards.csv")) == "inside"
    assert read(folders, "cards.csv") == "inside"
    assert read(folders, "./inner/deep.csv") == "deep"


@pytest.mark.parametrize(
    "name",
    [
        *("../secret.csv", "inner/../../secret.csv", "inner/../cards.csv", "link.csv"),
        *("up/secret.csv", "pipe.csv", "inner", "", ".", "/", "/etc/passwd", "cards.csv/", "\0"),
        *("cards.csv\0.csv", "file:///etc/passwd", "~/x.csv", "a" * 5000, "a/" * 100 + "b"),
    ],
)
def test_nothing_else_is(folders: DataFolders, name: str) -> None:
    assert read(folders, name) is None or name == "cards.csv/"


def test_nor_by_an_absolute_path(place: Path, folders: DataFolders) -> None:
    for name in (
        place.parent / "secret.csv",
        place.parent / "data-too" / "x.csv",
        place / ".." / "secret.csv",
        place / "up" / "secret.csv",
    ):
        assert read(folders, str(name)) is None


def test_a_link_put_in_the_folders_place_later_is_not_followed(
    place: Path, folders: DataFolders
) -> None:
    place.rename(place.with_name("moved"))
    place.symlink_to(place.parent)
    assert read(folders, str(place / "secret.csv")) is None
    assert read(folders, "cards.csv") == "inside"


def test_without_folders_there_are_no_files(place: Path) -> None:
    assert DataFolders([]).open(str(place / "cards.csv")) is None
