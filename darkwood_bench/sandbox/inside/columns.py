"""A table as JSON and plain buffers: how a parser hands on what it has read.

Arrow IPC is a format that a reader can be led astray by: tables of offsets into itself, messages
that refer to others, compression. It is read once, by a process that is thrown away. What goes on
from there is each column's type, lengths and buffers, which the supervisor puts together again and
checks in full; it needs no parser but JSON's. Only types that Polars writes can be said at all.

A column is a list: name, type, parameters, metadata, length, sizes of its own buffers (-1: none),
and the columns within. The buffers follow one another in the body, padded to 64 bytes.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pyarrow as pa

from .expansion import limit_shared

_PADDING = 64
"""Alignment that Arrow recommends; what its consumers expect of decimals and views."""
_DEEPEST = 64
"""As deep as Arrow's own reader goes."""
_MOST_COLUMNS = 100_000
"""Columns, those within others counted: each costs the supervisor tens of microseconds."""
_MARKS = "_PL_"
"""Of metadata, what Polars tells its categoricals and enums by. No other is handed on: columns of
extension types come as what they are stored as."""

_PLAIN = {
    str(type_): type_
    for type_ in (
        *(pa.null(), pa.bool_(), pa.float16(), pa.float32(), pa.float64()),
        *(pa.int8(), pa.int16(), pa.int32(), pa.int64()),
        *(pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()),
        *(pa.large_string(), pa.string_view(), pa.large_binary(), pa.binary_view()),
        *(pa.date32(), pa.time64("ns")),
        *(pa.duration(unit) for unit in ("ms", "us", "ns")),
    )
}
_INDICES = ("uint8", "uint16", "uint32")
_INDEX_TYPES = [_PLAIN[name] for name in _INDICES]
_VIEWS = (pa.string_view(), pa.binary_view())
_VIEW_BYTES = 16
_UNITS = ("ms", "us", "ns")


class ColumnsError(ValueError):
    """It is no table, or one that is not allowed."""


def describe(table: pa.Table) -> tuple[list[Any], list[pa.Buffer]]:
    """Each column of a table, and the buffers that its sizes are of.

    Raises ColumnsError for types that Polars does not write.
    """
    if any(column.num_chunks > 1 for column in table.itercolumns()):
        table = table.unify_dictionaries().combine_chunks()
    buffers: list[pa.Buffer] = []
    columns = [
        _described(field, _only_chunk(column), buffers)
        for field, column in zip(table.schema, table.itercolumns(), strict=True)
    ]
    return columns, buffers


def pack(buffers: list[pa.Buffer]) -> Iterator[pa.Buffer | bytes]:
    """The pieces of the body."""
    for buffer in buffers:
        yield buffer
        yield bytes(-buffer.size % _PADDING)


def restore(columns: Any, body: bytes, most_shared: int) -> pa.Table:
    """The table that an untrusted source described, checked in full.

    Raises ColumnsError, ValueError or pyarrow.ArrowException for what does not fit, TooLarge for
    values that share more than `most_shared` bytes (see `expansion`).
    """
    memory = pa.py_buffer(body)
    if not isinstance(columns, list):
        raise ColumnsError("no columns")
    reader = _Reader(memory, most_shared)
    arrays = [reader.array(column, 0) for column in columns]
    if reader.position != memory.size:
        raise ColumnsError("more bytes than columns")
    if any(len(one) != len(other) for (one, _), (other, _) in pairwise(arrays)):
        raise ColumnsError("columns of different lengths")
    table = pa.Table.from_arrays(
        [array for array, _ in arrays], schema=pa.schema([field for _, field in arrays])
    )
    table.validate()
    limit_shared((array for array, _ in arrays), most_shared)
    table.validate(full=True)
    return table


def _only_chunk(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks else pa.array([], column.type)


def _described(field: pa.Field, array: pa.Array, buffers: list[pa.Buffer]) -> list[Any]:
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    type_, parameters, within = array.type, None, []
    _refuse_nul(field.name)
    name = str(type_)
    own = array
    if name in _PLAIN:
        pass
    elif pa.types.is_decimal128(type_):
        name, parameters = "decimal", [type_.precision, type_.scale]
    elif pa.types.is_timestamp(type_):
        name, parameters = "timestamp", [type_.unit, type_.tz]
    elif pa.types.is_large_list(type_):
        name, within = "list", [(type_.value_field, array.values)]
    elif pa.types.is_fixed_size_list(type_):
        name, parameters, within = "array", type_.list_size, [(type_.value_field, array.values)]
    elif pa.types.is_struct(type_):
        name, within = "struct", [(type_[i], array.field(i)) for i in range(type_.num_fields)]
    elif pa.types.is_map(type_):
        name = "map"
        within = [(type_.key_field, array.keys), (type_.item_field, array.items)]
    elif pa.types.is_dictionary(type_):
        name, parameters = "dictionary", [str(type_.index_type), type_.ordered]
        values = pa.field("", type_.value_type)
        own, within = array.indices, [(values, array.dictionary)]
    else:
        raise ColumnsError(f"column '{field.name}' is {type_}, which Polars does not write")
    if array.offset:
        raise ColumnsError(f"column '{field.name}' begins within its buffers")
    sizes = []
    for buffer in _own_buffers(own, name):
        sizes.append(-1 if buffer is None else buffer.size)
        if buffer is not None:
            buffers.append(buffer)
    metadata = (field.metadata or {}).items() if name == "dictionary" else ()
    marks = {
        key.decode(): value.decode() for key, value in metadata if key.decode().startswith(_MARKS)
    }
    children = [_described(one, part, buffers) for one, part in within]
    return [field.name, name, parameters, marks, len(array), sizes, children]


def _refuse_nul(name: str) -> None:
    """It ends a name in Arrow's C interface: Polars then panics, or takes the name for another."""
    if "\0" in name:
        raise ColumnsError(f"column {name!r}: a NUL in a name")


def _own_buffers(array: pa.Array, name: str) -> list[pa.Buffer | None]:
    """Without those of arrays within, which follow."""
    counts = {"list": 2, "map": 2, "array": 1, "struct": 1}
    return array.buffers()[: counts.get(name)]


class _Reader:
    """Takes columns out of a body, front to back."""

    def __init__(self, memory: pa.Buffer, most_shared: int) -> None:
        self.position = 0
        self._memory = memory
        self._most_shared = most_shared
        self._columns_left = _MOST_COLUMNS

    def array(self, column: Any, depth: int) -> tuple[pa.Array, pa.Field]:
        """The column, and the field that names it."""
        self._columns_left -= 1
        if self._columns_left < 0 or depth > _DEEPEST:
            raise ColumnsError("more columns, or deeper ones, than are read")
        try:
            name, type_name, parameters, marks, length, sizes, children = column
            metadata = {str(key): str(value) for key, value in marks.items()}
            if any(type_name != "dictionary" or not key.startswith(_MARKS) for key in metadata):
                raise ColumnsError(f"metadata of a {type_name}")
            buffers = [self._buffer(size, position > 0) for position, size in enumerate(sizes)]
            within = [self.array(child, depth + 1) for child in children]
        except ColumnsError:
            raise
        except (TypeError, ValueError, AttributeError) as error:
            raise ColumnsError(f"not a column: {error}") from error
        if type(length) is not int or not 0 <= length < 1 << 48:
            raise ColumnsError(f"a length of {length}")
        _refuse_nul(str(name))
        type_ = _type(str(type_name), parameters, [field for _, field in within])
        arrays = [array for array, _ in within]
        if isinstance(type_, pa.DictionaryType):
            buffers = _nothing_under_nulls(type_.index_type, length, buffers)
            indices = pa.Array.from_buffers(type_.index_type, length, buffers)
            indices.validate(full=True)
            arrays[0].validate()
            limit_shared(arrays, self._most_shared)
            arrays[0].validate(full=True)
            made: pa.Array = pa.DictionaryArray.from_arrays(
                indices, arrays[0], ordered=type_.ordered
            )
        else:
            if type_ in _VIEWS:
                buffers = _nothing_under_nulls(pa.binary(_VIEW_BYTES), length, buffers)
            if isinstance(type_, pa.MapType):
                arrays[0].validate()
                if arrays[0].null_count:  # Arrow would end this process
                    raise ColumnsError("a map has keys that are null")
                entries = pa.struct([type_.key_field, type_.item_field])
                arrays = [pa.Array.from_buffers(entries, len(arrays[0]), [None], children=arrays)]
            made = pa.Array.from_buffers(type_, length, buffers, children=arrays)
        return made, pa.field(str(name), type_, metadata=metadata or None)

    def _buffer(self, size: Any, needed: bool) -> pa.Buffer | None:
        if size == -1:  # Arrow follows buffers that are needed before it can check them
            return pa.py_buffer(b"") if needed else None
        if type(size) is not int or not 0 <= size <= self._memory.size - self.position:
            raise ColumnsError(f"a buffer of {size} bytes at {self.position}")
        buffer = self._memory.slice(self.position, size)
        self.position = min(self.position + size + -size % _PADDING, self._memory.size)
        return buffer


def _nothing_under_nulls(
    kind: pa.DataType, length: int, buffers: list[pa.Buffer | None]
) -> list[pa.Buffer | None]:
    """Buffers of references (indices, views) whose values are of this kind, with zero where the
    value is null.

    Arrow's checks pass over what lies there; Polars follows it, out of its buffers.
    """
    if len(buffers) < 2 or buffers[0] is None:
        return buffers
    references = pa.Array.from_buffers(kind, length, buffers[:2])
    references.validate()
    if not references.null_count:
        return buffers
    from pyarrow import compute

    zero = pa.scalar(bytes(kind.byte_width) if kind not in _INDEX_TYPES else 0, kind)
    return [buffers[0], compute.fill_null(references, zero).buffers()[1], *buffers[2:]]


def _type(name: str, parameters: Any, fields: list[pa.Field]) -> pa.DataType:
    if name in _PLAIN and not fields:
        return _PLAIN[name]
    match name, parameters, fields:
        case "decimal", [int(precision), int(scale)], []:
            return pa.decimal128(precision, scale)
        case "timestamp", [str(unit), None | str() as zone], [] if unit in _UNITS:
            return pa.timestamp(unit, zone)
        case "list", None, [field]:
            return pa.large_list(field)
        case "array", int(width), [field] if 0 < width < 1 << 31:
            return pa.list_(field, width)
        case "map", None, [key, value]:
            return pa.map_(key.with_nullable(False), value)
        case "struct", None, _:
            return pa.struct(fields)
        case "dictionary", [str(index), bool(ordered)], [field] if index in _INDICES:
            return pa.dictionary(_PLAIN[index], field.type, ordered)
    raise ColumnsError(f"no type: {name[:40]}")
