"""The oracle: a task's second answer, by another engine in another language."""

from collections.abc import Mapping
from pathlib import Path

import duckdb
import polars as pl


def run_oracle(sql: str, tables: Mapping[str, Path]) -> pl.DataFrame:
    """The result of DuckDB SQL over Parquet files, each loaded as a table of its name.

    DuckDB widens sums of whole numbers to 128 bits; they come back as Int64.
    Its session is in UTC: times with a zone come back in it.
    Raises duckdb.Error for SQL that fails, and PolarsError for a sum beyond 64 bits.
    """
    # No extension is fetched from the network behind the caller's back, and the zone that times
    # are shown and cut into days in is not the machine's.
    settings = {"autoinstall_known_extensions": False, "TimeZone": "UTC"}
    with duckdb.connect(config=settings) as connection:
        for name, path in tables.items():
            quoted = name.replace('"', '""')
            file = str(path).replace("'", "''")
            # Not a view: DuckDB would believe Parquet's column statistics, which leave NaN out by
            # specification, and find no NaN where there is one.
            connection.execute(f"CREATE TABLE \"{quoted}\" AS FROM read_parquet('{file}')")
        relation = connection.sql(sql)
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
