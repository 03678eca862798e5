"""Dtypes as clients spell them."""

import time

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from darkwood_bench.copilot.dtypes import parse_dtype
from darkwood_bench.copilot.errors import NoData
from darkwood_bench.copilot.models import DTYPE_CHARS
from darkwood_bench.copilot.tables import given as table_given
from darkwood_bench.copilot.tables import known_columns

PLAIN = st.sampled_from(
    [
        *(pl.Int8(), pl.UInt64(), pl.Float32(), pl.String(), pl.Boolean(), pl.Date(), pl.Time()),
        *(pl.Binary(), pl.Categorical(), pl.Duration("ns"), pl.Decimal(12, 3), pl.Datetime("ms")),
        pl.Datetime("us", "Europe/Paris"),
    ]
)
NAMES = st.text("abc_ ", min_size=1, max_size=5).map(str.strip).filter(bool)
DTYPES = st.recursive(
    PLAIN,
    lambda inner: (
        inner.map(pl.List)
        | st.builds(lambda one: pl.Array(one, 3), inner)
        | st.dictionaries(NAMES, inner, min_size=1, max_size=3).map(pl.Struct)
    ),
    max_leaves=4,
)


@given(DTYPES)
def test_what_polars_writes_is_read_back(dtype: pl.DataType) -> None:
    assert parse_dtype(str(dtype)) == dtype
    assert parse_dtype(f"pl.{dtype}") == dtype


@given(st.text(max_size=60))
def test_any_text_is_a_dtype_or_none(text: str) -> None:
    found = parse_dtype(text)
    assert found is None or isinstance(found, pl.DataType)


@pytest.mark.parametrize(
    ("text", "dtype"),
    [
        ("i64", pl.Int64()),
        ("int64", pl.Int64()),
        ("Utf8", pl.String()),
        ("VARCHAR(20)", pl.String()),
        ("datetime[us]", pl.Datetime("us")),
        ("datetime64[ns, UTC]", pl.Datetime("ns", "UTC")),
        ("list[list[f64]]", pl.List(pl.List(pl.Float64()))),
        ("struct<a: int64, b: string>", pl.Struct({"a": pl.Int64(), "b": pl.String()})),
        ("decimal[10,2]", pl.Decimal(10, 2)),
        ("Enum(categories=['a', 'b'])", pl.Enum(["a", "b"])),
        ("double precision", pl.Float64()),
        ("List \t (i8)", pl.List(pl.Int8())),
        ("array[f32, 3]", pl.Array(pl.Float32(), 3)),
        ("Array(Int64, shape = (2, 3,))", pl.Array(pl.Int64(), (2, 3))),
    ],
)
def test_spellings(text: str, dtype: pl.DataType) -> None:
    assert parse_dtype(text) == dtype


@pytest.mark.parametrize(
    "text",
    [
        *("object", "__import__('os').system('true')", "List(", "Struct", "", "Array(Int8, 1e99)"),
        *("Duration( )", "varchar( )", "Array(Int8, ())", "Array(Int8, (1, 2)"),
        f"Array(Int8, ({'1,' * 900}))",
    ],
)
def test_what_is_not_known_is_not_guessed(text: str) -> None:
    assert parse_dtype(text) is None


def seconds(text: str) -> float:
    began = time.process_time()
    parse_dtype(text)
    return time.process_time() - began


@pytest.mark.parametrize(
    ("start", "repeated", "end"),
    [
        *(("Array(Int8, (", "1", "x)"), ("Array(Int8, (", "1", "x))"), ("Array(Int8, ", "1", ")")),
        *(("Array(Int8, (", "1 ", "x))"), ("Array(Int8, shape", " ", "!)"), ("a", " ", "!")),
        *(
            ("a", " \t", "!"),
            ("a(", ")", "!"),
            ("", "list[", ""),
            ("", "Array(", ""),
            ("", "a", "!"),
        ),
        *(("List(a", " ", "!)"), ("Struct(", "a:i8,", ")"), ("Enum(", "'", ")"), ("", "pl.", "")),
    ],
)
def test_no_text_takes_long(start: str, repeated: str, end: str) -> None:
    room = DTYPE_CHARS - len(start) - len(end)
    text = start + (repeated * room)[:room] + end
    assert min(seconds(text) for _ in range(3)) < 0.05


PIECES = st.sampled_from(
    [*"1 ,()[]<>{}=:'a\t", "Array(", "shape=", "List(", "struct<", "Enum(", "pl.", "i8", "1,"]
)


@given(
    st.lists(st.tuples(PIECES, st.integers(1, DTYPE_CHARS)), min_size=1, max_size=6).map(
        lambda runs: "".join(piece * times for piece, times in runs)[:DTYPE_CHARS]
    )
)
def test_whatever_is_repeated_is_read_quickly(text: str) -> None:
    assert min(seconds(text) for _ in range(2)) < 0.2


def test_an_unknown_dtype_stays_in_the_prompt_and_stands_in_the_way_of_a_dry_run() -> None:
    table = table_given({"a": "Int64", "b": "weird\nthing"})
    assert table.texts == {"a": "Int64", "b": "weird thing"}
    with pytest.raises(NoData, match="the dtype of b is not known"):
        known_columns("t", table)
