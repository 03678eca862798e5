"""How much a table is when each of its values is written out.

A few bytes of Arrow can stand for as much as one likes: texts that share a buffer, rows that refer
to one entry of a dictionary, nulls and structs without fields, which have no buffer. Whoever goes
through the values pays for all of them, a check of every value above all; so they are counted
before any is looked at.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Literal

import pyarrow as pa
from pyarrow import types

_VIEW_BYTES = 16
"""Of a text's view, the first word is its length (Arrow columnar format, 'Variable-size Binary View
Layout')."""
SHARING = 8
"""Bytes that values may share, in sizes of the largest payload."""
_INDEX_CODES: dict[int, Literal["B", "H", "I"]] = {1: "B", 2: "H", 4: "I"}


class TooLarge(ValueError):
    """It may be valid, and is more than is allowed."""


def limit_shared(arrays: Iterable[pa.Array], most_bytes: int) -> None:
    """Raise TooLarge when values that have no bytes of their own take more than `most_bytes`.

    The arrays' shapes are to be valid (`validate()`); what is in their buffers need not be.
    Raises TypeError for a dictionary of other things than texts, which Polars does not write.
    """
    if (shared := sum(map(_shared_bytes, arrays))) > most_bytes:
        raise TooLarge(f"{shared} bytes when each value is written out")


def _is_list(kind: pa.DataType) -> bool:
    return types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)


def _is_view(kind: pa.DataType) -> bool:
    return types.is_string_view(kind) or types.is_binary_view(kind)


def _shares(kind: pa.DataType) -> bool:
    """Whether values of the type can be more than the buffers that hold them."""
    if _is_list(kind):
        return _shares(kind.value_type)
    if types.is_map(kind):
        return _shares(kind.key_type) or _shares(kind.item_type)
    if types.is_struct(kind):
        return kind.num_fields == 0 or any(_shares(inner.type) for inner in kind.fields)
    return types.is_null(kind) or types.is_dictionary(kind) or _is_view(kind)


def _shared_bytes(values: pa.Array) -> int:
    kind = values.type
    if not _shares(kind):
        return 0
    if types.is_null(kind) or (types.is_struct(kind) and kind.num_fields == 0):
        return len(values)
    if _is_list(kind):
        return _shared_bytes(values.values)
    if types.is_map(kind):
        return _shared_bytes(values.keys) + _shared_bytes(values.items)
    if types.is_struct(kind):
        return sum(_shared_bytes(values.field(i)) for i in range(kind.num_fields))
    if types.is_dictionary(kind):
        return _referred_bytes(values.indices, values.dictionary)
    return sum(_lengths(values))


def _referred_bytes(indices: pa.Array, dictionary: pa.Array) -> int:
    if not _is_view(dictionary.type):
        raise TypeError(f"a dictionary of {dictionary.type}, which Polars does not write")
    width = indices.type.bit_width // 8
    first = indices.offset * width
    held = memoryview(indices.buffers()[1] or b"")[first : first + len(indices) * width]
    lengths = _lengths(dictionary)
    counts = Counter(held.cast(_INDEX_CODES[width]))
    # What is under a null may be out of range.
    return sum(n * lengths[index] for index, n in counts.items() if index < len(lengths))


def _lengths(texts: pa.Array) -> list[int]:
    """Of each text, in bytes; one that is negative counts as huge."""
    first = texts.offset * _VIEW_BYTES
    views = memoryview(texts.buffers()[1] or b"")[first : first + len(texts) * _VIEW_BYTES]
    return views.cast("I")[:: _VIEW_BYTES // 4].tolist()
