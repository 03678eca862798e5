"""Tables taken apart and put together again, and descriptions that are none."""

import copy
import json
import random
from io import BytesIO
from typing import Any

import polars as pl
import polars.selectors as cs
import pyarrow as pa
import pytest
from test_execution import EVERY_DTYPE

from darkwood_bench.sandbox.inside import columns
from darkwood_bench.sandbox.inside.columns import ColumnsError
from darkwood_bench.sandbox.inside.expansion import TooLarge

MOST_SHARED = 1 << 20

MAPS = pl.DataFrame(
    {"map": [{"a": 1, "b": None}, None, {}], "nested": [[{"x": [1.5]}], [], None]},
    schema={
        "map": pl.Map(pl.String, pl.Int64),
        "nested": pl.List(pl.Map(pl.String, pl.List(pl.Float64))),
    },
)


def taken_apart(frame: pl.DataFrame) -> tuple[list[Any], bytes]:
    buffer = BytesIO()
    frame.write_ipc_stream(buffer)
    table = pa.ipc.open_stream(buffer.getvalue()).read_all()
    described, buffers = columns.describe(table)
    return json.loads(json.dumps(described)), b"".join(columns.pack(buffers))


@pytest.mark.parametrize(
    "frame",
    [
        EVERY_DTYPE,
        EVERY_DTYPE.head(0),
        EVERY_DTYPE.slice(1),
        pl.concat([EVERY_DTYPE, EVERY_DTYPE], rechunk=False),
        pl.concat([EVERY_DTYPE.slice(1), EVERY_DTYPE], rechunk=False),
        pl.DataFrame(),
        MAPS,
        MAPS.slice(1),
        pl.DataFrame({"half": pl.Series([1.5], dtype=pl.Float16), "no fields": [{}]}),
    ],
    ids=[
        "all",
        "empty",
        "slice",
        "chunks",
        "uneven chunks",
        "nothing",
        "maps",
        "maps sliced",
        "rare",
    ],
)
def test_every_dtype_is_put_together_again(frame: pl.DataFrame) -> None:
    again = pl.DataFrame(columns.restore(*taken_apart(frame), MOST_SHARED))
    assert again.schema == frame.schema
    assert again.equals(frame)


def changed(place: tuple[int, ...], value: Any) -> tuple[Any, bytes]:
    described, body = taken_apart(EVERY_DTYPE.select("string", "list", "enum", "date"))
    described = copy.deepcopy(described)
    part = described
    for index in place[:-1]:
        part = part[index]
    part[place[-1]] = value
    return described, body


LENGTH, SIZES, CHILDREN = 4, 5, 6


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ((0,), "not a column"),
        ((0, 1), "utf8"),
        ((0, 1), "int64"),
        ((0, 1), []),
        ((0, 3), "marks"),
        ((0, LENGTH), -1),
        ((0, LENGTH), 3),
        ((0, LENGTH), 1 << 60),
        ((0, LENGTH), True),
        ((0, LENGTH), "2"),
        ((0, SIZES), []),
        ((0, SIZES, 1), 8),
        ((0, SIZES, 1), -1),
        ((1, SIZES, 1), -1),
        ((2, SIZES, 1), -1),
        ((3, SIZES, 1), -1),
        ((0, SIZES, 1), 1 << 40),
        ((0, SIZES, 1), -2),
        ((1, CHILDREN), []),
        ((1, CHILDREN, 0, LENGTH), 1),
        ((1, 2), 3),
        ((2, 2), ["float", True]),
        ((2, CHILDREN, 0, LENGTH), 0),
        ((3, 1), "timestamp"),
        ((3, SIZES, 1), 4),
    ],
)
def test_what_does_not_fit_is_refused(place: tuple[int, ...], value: Any) -> None:
    with pytest.raises((ValueError, pa.ArrowException)):
        columns.restore(*changed(place, value), MOST_SHARED)


JUNK = b"\xff\xff\xff\x7f" * 4


@pytest.mark.parametrize("inner", [False, True], ids=["alone", "in a list"])
@pytest.mark.parametrize("dtype", [pl.String, pl.Binary, pl.Categorical, pl.Enum(["a", "b"])])
def test_what_lies_under_nulls_is_not_followed(dtype: pl.DataType, inner: bool) -> None:
    """Arrow finds a table valid whose nulls hold references to anywhere; Polars goes there."""
    column = pl.Series("a", ["a", None, "b"]).cast(pl.String if dtype == pl.Binary else dtype)
    frame = column.cast(dtype).to_frame()
    if inner:
        frame = frame.select(pl.col("a").implode())
    described, body = taken_apart(frame)
    data = bytearray(body)
    node = described[0][CHILDREN][0] if inner else described[0]
    skipped = 64 * sum(size >= 0 for size in described[0][SIZES]) if inner else 0
    references = skipped + 64  # after their validity
    width = node[SIZES][1] // 3
    data[references + width : references + 2 * width] = JUNK[-width:]
    restored = columns.restore(described, bytes(data), MOST_SHARED)
    again = pl.DataFrame(restored)
    assert again.equals(frame)
    assert again.to_arrow().equals(frame.to_arrow())


def test_maps_without_keys_are_refused() -> None:
    """Arrow ends the process that makes such a map."""
    for keys in (
        ["key", "null", None, {}, 1, [-1], []],
        ["key", "int64", None, {}, 1, [1, 8], []],
    ):
        values = ["value", "int64", None, {}, 1, [-1, 8], []]
        described = [["a", "map", None, {}, 1, [-1, 8], [keys, values]]]
        with pytest.raises(ColumnsError, match="null"):
            columns.restore(described, bytes(64 * (4 - (keys[1] == "null"))), MOST_SHARED)


def test_lengths_without_bytes_are_counted() -> None:
    offsets = (0).to_bytes(8, "little") + (1 << 40).to_bytes(8, "little")
    hollow = ["item", "struct", None, {}, 1 << 40, [-1], []]
    described = [["a", "list", None, {}, 1, [-1, 16], [hollow]]]
    with pytest.raises(TooLarge):
        columns.restore(described, offsets + bytes(48), MOST_SHARED)
    hollow[LENGTH] = 5
    few = (0).to_bytes(8, "little") + (5).to_bytes(8, "little")
    assert columns.restore(described, few + bytes(48), MOST_SHARED).num_rows == 1


def test_too_deep_or_too_many_are_refused() -> None:
    one: list[Any] = ["a", "null", None, {}, 0, [-1], []]
    assert columns.restore([one], b"", MOST_SHARED).num_columns == 1
    with pytest.raises(ColumnsError):
        columns.restore([one] * 100_001, b"", MOST_SHARED)
    for _ in range(70):
        one = ["a", "struct", None, {}, 0, [-1], [one]]
    with pytest.raises(ColumnsError):
        columns.restore([one], b"", MOST_SHARED)


def test_bytes_of_no_column_are_refused() -> None:
    described, body = taken_apart(EVERY_DTYPE)
    with pytest.raises(ColumnsError):
        columns.restore(described, body + bytes(64), MOST_SHARED)


@pytest.mark.parametrize(
    "type_", [pa.binary(4), pa.string(), pa.decimal256(3), pa.month_day_nano_interval()], ids=str
)
def test_types_that_polars_does_not_write_are_refused(type_: pa.DataType) -> None:
    with pytest.raises(ColumnsError, match="does not write"):
        columns.describe(pa.table({"a": pa.nulls(2, type_)}))


def test_metadata_but_that_of_categories_is_refused() -> None:
    """What marks a column as Python objects has its bytes taken for addresses."""
    for mark in ({"ARROW:extension:name": "POLARS_EXTENSION_TYPE"}, {"_PL_ENUM_VALUES2": "1;a"}):
        with pytest.raises(ColumnsError, match="metadata"):
            columns.restore([["a", "null", None, mark, 0, [-1], []]], b"", MOST_SHARED)


def test_extension_types_come_as_what_they_are_stored_as() -> None:
    held = pl.Series("e", [1, 2]).ext.to(pl.Extension("a.type", pl.Int64)).to_frame()
    assert pl.DataFrame(columns.restore(*taken_apart(held), MOST_SHARED)).equals(
        held.select(pl.col("e").ext.storage())
    )


def test_changed_buffers_are_refused_or_read() -> None:
    """Every value of a result can be looked at, whatever the buffers hold."""
    frame = EVERY_DTYPE.select(~cs.temporal())  # any number is a date there, if not Python's
    described, body = taken_apart(frame)
    chance = random.Random(3)
    read = 0
    for _ in range(300):
        data = bytearray(body)
        for _ in range(chance.randint(1, 3)):
            data[chance.randrange(len(data))] = chance.choice((0, 1, 127, 128, 255))
        try:
            found = pl.DataFrame(columns.restore(described, bytes(data), MOST_SHARED))
        except (ValueError, pa.ArrowException):
            continue
        assert len(found.rows()) == frame.height
        read += 1
    assert 0 < read < 300


@pytest.mark.parametrize(
    "column",
    [
        pl.repeat("x" * 1000, 2000, eager=True),
        pl.repeat("x" * 1000, 2000, eager=True).implode(),
        pl.repeat("x" * 1000, 2000, eager=True).cast(pl.Categorical),
        pl.Series([None], dtype=pl.Array(pl.Null, 2 << 20)),
        pl.select(pl.struct(key=pl.repeat("k", 2000), value=pl.repeat("x" * 1000, 2000)))
        .select(pl.concat_list(pl.all()).cast(pl.Map(pl.String, pl.String)))
        .to_series(),
    ],
    ids=["texts", "a list", "categories", "nulls", "a map"],
)
def test_a_few_bytes_that_stand_for_many_are_refused(column: pl.Series) -> None:
    described, body = taken_apart(column.to_frame())
    assert len(body) < 1 << 20
    with pytest.raises(TooLarge, match="written out"):
        columns.restore(described, body, MOST_SHARED)
    assert columns.restore(described, body, 4 * MOST_SHARED).num_rows == len(column)
