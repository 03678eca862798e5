"""The oracle: a task's second answer, by another engine in another language."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import polars as pl


def run_oracle(sql: str, tables: Mapping[str, Path]) -> pl.DataFrame:
    """The result of DuckDB SQL over Parquet files, each loaded as a table of its name.

    Raises what `Oracle.run` does.
    """
    with Oracle(tables) as oracle:
        return oracle.run(sql, tuple(tables))


class Oracle:
    """DuckDB with some Parquet files, each loaded once, for many queries. A context manager."""

    def __init__(self, tables: Mapping[str, Path]) -> None:
        self._tables = tables
        self._loaded: set[str] = set()
        self._seen: tuple[str, ...] = ()
        # No extension is fetched from the network behind the caller's back, and the zone that times
        # are shown and cut into days in is not the machine's.
        settings = {"autoinstall_known_extensions": False, "TimeZone": "UTC"}
        self._connection = duckdb.connect(config=settings)
        self._connection.execute("CREATE SCHEMA loaded")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_class: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def run(self, sql: str, names: Sequence[str]) -> pl.DataFrame:
        """The result of SQL that finds only the tables of these names.

        DuckDB widens sums of whole numbers to 128 bits; they come back as Int64.
        Its session is in UTC: times with a zone come back in it.
        Raises duckdb.Error for SQL that fails, and PolarsError for a sum beyond 64 bits.
        """
        self._show(names)
        relation = self._connection.sql(sql)
        if relation is None:
            raise duckdb.InvalidInputException("the SQL returns no rows: it is not a SELECT")
        wide = [
            name
            for name, dtype in zip(relation.columns, relation.types, strict=True)
            if str(dtype) == "HUGEINT"
        ]
        frame = pl.from_arrow(relation.to_arrow_table())
        assert isinstance(frame, pl.DataFrame)  # a table, never a single array
        return frame.with_columns(pl.col(wide).cast(pl.Int64))

    def _show(self, names: Sequence[str]) -> None:
        """Let a query see these tables and no other."""
        for name in self._seen:
            if name not in names:
                self._connection.execute(f"DROP VIEW {_quoted(name)}")
        for name in names:
            if name not in self._seen:
                self._load(name)
                quoted = _quoted(name)
                self._connection.execute(f"CREATE VIEW {quoted} AS FROM loaded.{quoted}")
        self._seen = tuple(names)

    def _load(self, name: str) -> None:
        if name in self._loaded:
            return
        file = str(self._tables[name]).replace("'", "''")
        # Not a view of the file: DuckDB would believe Parquet's column statistics, which leave NaN
        # out by specification, and find no NaN where there is one.
        self._connection.execute(
            f"CREATE TABLE loaded.{_quoted(name)} AS FROM read_parquet('{file}')"
        )
        self._loaded.add(name)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
