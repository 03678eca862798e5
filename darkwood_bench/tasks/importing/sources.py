"""Which files the tables of imported questions are read from."""

import difflib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import polars as pl

from darkwood_bench.tasks.databases.files import can_name_a_table

Format = Literal["parquet", "csv"]
FORMATS: tuple[Format, ...] = ("parquet", "csv")


@dataclass(frozen=True)
class Source:
    """The file that a table is read from."""

    path: Path
    format: Format


@dataclass
class Sources:
    """The tables found so far: one name is one file in all questions of a suite.

    Every method raises ValueError, 'problem; fix', for a file that cannot be the table.
    """

    folder: Path
    found: dict[str, Source] = field(default_factory=dict)
    _readable: set[Source] = field(default_factory=set)

    def of_file(self, table: str, file_name: str, format: Format) -> Source:
        """The table in the file of this name, in the folder or further down."""
        path = (self.folder / file_name).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise ValueError(f"'{file_name}' leads out of {self.folder}; put the file into it")
        if not path.is_file():
            # Question files name paths of the machine that they were written on.
            path = self.folder / Path(file_name).name
        if not path.is_file():
            raise ValueError(f"no file '{file_name}' in {self.folder}{self._close(file_name)}")
        return self._take(table, Source(path, format))

    def of_table(self, table: str) -> Source:
        """The table in the file of its name with one of the endings."""
        for format in FORMATS:
            path = self.folder / f"{table}.{format}"
            if path.is_file():
                return self._take(table, Source(path, format))
        raise ValueError(
            f"no {table}.parquet or {table}.csv in {self.folder}{self._close(f'{table}.parquet')}"
        )

    def _take(self, table: str, source: Source) -> Source:
        if not can_name_a_table(table):
            raise ValueError(f"'{table}' cannot name a Python variable; rename the table")
        other = self.found.get(table, source)
        if other != source:
            raise ValueError(
                f"'{table}' is {source.path.name} here and {other.path.name} before; "
                "give one of them another name, or import two suites"
            )
        if source not in self._readable:
            _read(source)
            self._readable.add(source)
        self.found[table] = source
        return source

    def _close(self, file_name: str) -> str:
        here = [path.name for path in self.folder.iterdir()] if self.folder.is_dir() else []
        close = difflib.get_close_matches(Path(file_name).name, here, n=1)
        return f"; did you mean '{close[0]}'?" if close else "; put it there"


def _read(source: Source) -> None:
    """Raises ValueError for a file that is not of its format."""
    try:
        if source.format == "parquet":
            pl.read_parquet_schema(source.path)
        else:
            pl.read_csv(source.path, try_parse_dates=True)
    except pl.exceptions.PolarsError as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ValueError(
            f"{source.path.name} cannot be read as {source.format} ({reason}); mend the file"
        ) from error
