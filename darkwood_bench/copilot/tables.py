"""What is known of the tables that a request names: their columns, and where their data is."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from threading import Lock
from typing import Any, Protocol

import polars as pl

from darkwood_bench.copilot.dtypes import parse_dtype
from darkwood_bench.copilot.errors import NoData
from darkwood_bench.copilot.folders import DataFolders, OpenFile
from darkwood_bench.copilot.models import (
    Format,
    TableColumns,
    TableFile,
    TableIn,
    TableUpload,
)
from darkwood_bench.copilot.uploads import Uploads
from darkwood_bench.sandbox import Brought

_SCHEMAS_KEPT = 512
_DTYPE_CHARS = 80
_CSV_BYTES = 8 << 20
"""Of a file's beginning, which is looked at for its columns."""
Dtypes = Mapping[str, pl.DataType | None]
"""By column; None for a dtype that is not known."""


class Data(Protocol):
    """Where a table's rows are."""

    @property
    def identity(self) -> Any:
        """The same for the same contents, as JSON has it; hashable."""
        ...

    @property
    def size(self) -> int:
        """Bytes that `read` gives, at most."""
        ...

    def read(self) -> Brought:
        """All of it. Raises NoData."""
        ...


@dataclass(frozen=True)
class Table:
    """One table of a request."""

    columns: Dtypes | None
    """None where nothing is known but its name."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """The dtypes as a prompt shows them."""
    data: Data | None = None
    note: str | None = None
    """Why it is not what was asked for."""

    def identity(self) -> dict[str, Any]:
        """The same for the same contents."""
        of_data = self.data.identity if self.data is not None else None
        return {"columns": dict(self.texts), "data": of_data}


class Tables:
    """Looks tables up: in the data folders, among the uploads, or in the request itself."""

    def __init__(self, folders: DataFolders, uploads: Uploads, most_bytes: int) -> None:
        """`most_bytes`: of a file that code may be run over."""
        self._folders = folders
        self._uploads = uploads
        self._most_bytes = most_bytes
        self._schemas: OrderedDict[tuple[int, ...], Mapping[str, pl.DataType]] = OrderedDict()
        self._lock = Lock()

    def known(self, asked: Mapping[str, TableIn], owner: str) -> dict[str, Table]:
        """What is known of each, in order; nothing that is missing is an error.

        A file or upload that has several names is looked at once. Reads files' beginnings;
        threads may share it.
        """
        found: dict[str, Table] = {}
        named: dict[str, Table] = {}
        for name, table in asked.items():
            if isinstance(table, TableUpload | TableFile):
                said = table.model_dump_json()
                if said not in named:
                    named[said] = self._known(table, owner)
                found[name] = named[said]
            else:
                found[name] = self._known(table, owner)
        return found

    def _known(self, asked: TableIn, owner: str) -> Table:
        match asked:
            case TableFile():
                return self._of_file(asked)
            case TableUpload():
                upload = self._uploads.find(asked.upload_id, owner)
                if upload is None:
                    return Table(None, note="there is no such upload")
                columns = dict(upload.columns)
                return Table(columns, {n: str(d) for n, d in columns.items()}, upload)
            case TableColumns():
                return given(asked.columns)
            case _:
                return given(asked)

    def _of_file(self, asked: TableFile) -> Table:
        opened = self._folders.open(asked.file_name)
        if opened is None:
            return _without_file(asked, "the server has no such file that it may read")
        with opened.file:
            schema = self._schema(opened, asked.format)
        if schema is None:
            return _without_file(asked, f"the file cannot be read as {asked.format}")
        data = _File(
            self._folders,
            asked.file_name,
            asked.format,
            self._most_bytes,
            opened.identity,
            opened.size,
        )
        return Table(dict(schema), {n: str(d) for n, d in schema.items()}, data)

    def _schema(self, opened: OpenFile, format_: Format) -> Mapping[str, pl.DataType] | None:
        """The columns of a file that was opened; None for one that cannot be read."""
        key = (*opened.identity, format_ == "csv")
        with self._lock:
            if key in self._schemas:
                self._schemas.move_to_end(key)
                return self._schemas[key]
        found = _read_schema(opened, format_)
        if found is not None:
            with self._lock:
                self._schemas[key] = found
                if len(self._schemas) > _SCHEMAS_KEPT:
                    self._schemas.popitem(last=False)
        return found


def given(columns: Mapping[str, str]) -> Table:
    """A table of which only its columns were said."""
    dtypes = {name: parse_dtype(text) for name, text in columns.items()}
    texts = {
        name: " ".join(columns[name].split())[:_DTYPE_CHARS] if dtype is None else str(dtype)
        for name, dtype in dtypes.items()
    }
    return Table(dtypes or None, texts)


def known_columns(name: str, table: Table) -> Mapping[str, pl.DataType]:
    """A table's columns. Raises NoData where they, or the dtype of one, are not known."""
    if table.columns is None:
        raise NoData(f"the columns of {name} are not known")
    known = {column: dtype for column, dtype in table.columns.items() if dtype is not None}
    if unknown := [column for column in table.columns if column not in known]:
        raise NoData(f"the dtype of {', '.join(unknown[:5])} is not known")
    return known


def empty(columns: Mapping[str, pl.DataType]) -> Brought:
    """A table of these columns without rows. Raises NoData where Polars makes none."""
    buffer = BytesIO()
    try:
        pl.DataFrame(schema=dict(columns)).write_ipc_stream(buffer)
    except BaseException as error:  # a panic of the engine is no Exception
        if isinstance(error, KeyboardInterrupt):
            raise
        raise NoData("no empty table of these dtypes can be made") from error
    return Brought("ipc_stream", buffer.getvalue())


@dataclass(frozen=True)
class Empty:
    """A table without rows."""

    identity: str
    columns: Mapping[str, pl.DataType]
    size: int = 0

    def read(self) -> Brought:
        """Made when it is asked for: of wide tables it takes more than their columns do."""
        return empty(self.columns)


@dataclass(frozen=True)
class _File:
    folders: DataFolders
    file_name: str
    format: Format
    most_bytes: int
    identity: tuple[int, ...]
    size: int

    def read(self) -> Brought:
        if self.size > self.most_bytes:
            raise NoData(f"its file has more than {self.most_bytes:,} bytes")
        opened = self.folders.open(self.file_name)
        if opened is None:
            raise NoData("the file is not there any more")
        with opened.file as file:
            if opened.identity != self.identity:
                raise NoData("the file was changed meanwhile")
            return Brought(self.format, file.read(self.size))


def _without_file(asked: TableFile, note: str) -> Table:
    if asked.columns is None:
        return Table(None, note=f"{note}: only its name is known")
    table = given(asked.columns)
    return Table(table.columns, table.texts, note=f"{note}: its columns are as given")


def _read_schema(opened: OpenFile, format_: Format) -> Mapping[str, pl.DataType] | None:
    try:
        if format_ == "parquet":
            return dict(pl.read_parquet_schema(opened.file))
        # As the sandbox reads it: dtypes come from the first hundred rows.
        start = opened.file.read(_CSV_BYTES)
        if len(start) == _CSV_BYTES:  # its last row may be cut
            start = start[: start.rfind(b"\n") + 1]
        return dict(pl.read_csv(start, n_rows=100, try_parse_dates=True).schema)
    except BaseException as error:  # a panic of the engine is no Exception
        if isinstance(error, KeyboardInterrupt):
            raise
        return None
