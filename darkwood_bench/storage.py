"""Tables as files, wherever they are: written whole, read without Dagster."""

from io import BytesIO
from typing import Any
from uuid import uuid4

import polars as pl
from upath import UPath


class TableError(Exception):
    """A table's file is cut off or damaged; the message names it and says how it is made again."""


def write_whole(path: UPath, data: bytes) -> None:
    """Write a file so that a reader, or a kill, never meets half of it.

    Object stores put whole objects; a local file is written beside its place and renamed into it.
    """
    if path.protocol in ("", "file"):
        # A name of its own, for two runs may write one table at the same time.
        part = path.with_name(f".{path.name}.{uuid4().hex}.part")
        try:
            part.write_bytes(data)
            part.rename(path)
        except OSError:
            part.unlink(missing_ok=True)  # half a file would keep a full disk full
            raise
    else:
        path.write_bytes(data)


def read_parquet(path: UPath, mend: str) -> pl.DataFrame:
    """A table's file; `mend` says what to do where it is damaged.

    Raises FileNotFoundError, and TableError for a file that is cut off or is no Parquet.
    """
    data = path.read_bytes()
    try:
        return pl.read_parquet(BytesIO(data))
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).partition("\n")[0]
        raise TableError(
            f"{path}: no whole Parquet file of {len(data)} bytes ({reason}); {mend}"
        ) from error


def how_to_make_again(table: str, partition: tuple[str, ...]) -> str:
    """What to do where a table's file is damaged; the partition is its model and variant, or ()."""
    command = "darkwood run"
    if len(partition) == 2:
        command += f" --model {partition[0]} --variant {partition[1]}"
    return (
        f"delete it and make {table} again: `{command}` takes every answer from the journal, or "
        "materialize it in the UI"
    )


def read_table(base: str, table: str, *partition: str) -> Any:
    """One table, or one partition of it, as `ParquetTables` wrote it; None if it never was.

    Raises TableError for a file that is damaged.
    """
    path = UPath(base).joinpath(table, *partition)
    path = path.with_name(f"{path.name}.parquet")
    return read_parquet(path, how_to_make_again(table, partition)) if path.exists() else None
