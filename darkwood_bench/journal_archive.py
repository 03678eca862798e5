"""Journal rows as a Parquet file: a column a field, so that anything that reads Parquet can ask.

A field whose values are all texts, all booleans, all whole numbers or all floats is a column of
that type. Any other (a list, an object, a mixture) is a column of JSON texts, its name with `.json`
at the end. A field that a row lacks reads as null.
"""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

_JSON = ".json"
_LARGEST = 2**63


def write_archive(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the rows in place of whatever the file held; a kill leaves the old file or the new.

    Raises OSError when the disk refuses it.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(archive_bytes(rows))
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except OSError:
        part.unlink(missing_ok=True)  # half a file would keep a full disk full
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read_archive(path: Path) -> Iterable[dict[str, Any]]:
    """The rows in the order that they were written; none where there is no file.

    Raises ValueError for a file that is no archive.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return
    yield from archived_rows(data)


def archive_bytes(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The rows as the content of a Parquet file."""
    import polars as pl

    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = [_column(name, [row.get(name) for row in rows]) for name in names]
    buffer = BytesIO()
    pl.DataFrame(columns).write_parquet(buffer)
    return buffer.getvalue()


def archived_rows(data: bytes) -> Iterable[dict[str, Any]]:
    """The rows of what `archive_bytes` gave, in order; raises ValueError for anything else."""
    import polars as pl

    try:
        frame = pl.read_parquet(data)
    except pl.exceptions.PolarsError as error:
        raise ValueError(str(error)) from error
    encoded = [name for name in frame.columns if name.endswith(_JSON)]
    for row in frame.iter_rows(named=True):
        for name in encoded:
            text = row.pop(name)
            row[name.removesuffix(_JSON)] = None if text is None else json.loads(text)
        yield row


def _column(name: str, values: list[Any]) -> "pl.Series":
    import polars as pl

    kinds = {type(value) for value in values if value is not None}
    large = kinds == {int} and any(
        value is not None and not -_LARGEST <= value < _LARGEST for value in values
    )
    types = {str: pl.String(), bool: pl.Boolean(), int: pl.Int64(), float: pl.Float64()}
    plain = len(kinds) == 1 and kinds <= types.keys() and not large
    if plain and not name.endswith(_JSON):
        return pl.Series(name, values, dtype=types[kinds.pop()])
    texts = [None if value is None else json.dumps(value, ensure_ascii=False) for value in values]
    return pl.Series(f"{name}{_JSON}", texts, dtype=pl.String())
