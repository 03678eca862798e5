"""What a person would call equal or different, one rule a test."""

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from darkwood_bench.validation import compare_frames

NAN = math.nan


def column(*values: Any, dtype: Any = None) -> pl.DataFrame:
    return pl.DataFrame({"x": pl.Series(list(values), dtype=dtype, strict=False)})


def kind(got: pl.DataFrame, gold: pl.DataFrame, **options: Any) -> str | None:
    mismatch = compare_frames(got, gold, **options)
    return mismatch and mismatch.kind


NOON = dt.datetime(2024, 1, 1, 12)

EQUAL = {
    "integer widths": (column(1, 2, dtype=pl.Int8), column(1, 2, dtype=pl.UInt64)),
    "float widths": (column(0.1, dtype=pl.Float32), column(0.1)),
    "floats within tolerance": (column(1.0, 1e300), column(1.0 + 5e-7, 1e300 * (1 + 5e-7))),
    "a sum in another order": (column(sum([0.1] * 10_000)), column(0.1 * 10_000)),
    "what cancels": (column(0.1 + 0.2 - 0.3), column(0.0)),
    "negative zero": (column(-0.0), column(0.0)),
    "NaN": (column(NAN, 1.0), column(1.0, NAN)),
    "null": (column(None, 1.0), column(1.0, None)),
    "infinities": (column(math.inf, -math.inf), column(-math.inf, math.inf)),
    "decimal and float": (column(Decimal("1.10"), dtype=pl.Decimal(10, 2)), column(1.1)),
    "decimal scales": (
        column(Decimal("1.10"), dtype=pl.Decimal(10, 2)),
        column(Decimal("1.1"), dtype=pl.Decimal(38, 4)),
    ),
    "categorical": (column("a", "b", dtype=pl.Categorical()), column("b", "a")),
    "enum": (column("a", "b", dtype=pl.Enum(["b", "a"])), column("b", "a")),
    "time units": (column(NOON, dtype=pl.Datetime("ms")), column(NOON, dtype=pl.Datetime("ns"))),
    "duration units": (
        column(dt.timedelta(1), dtype=pl.Duration("ms")),
        column(dt.timedelta(1), dtype=pl.Duration("us")),
    ),
    "floats within lists": (column([1.0, None], []), column([], [1.0 + 1e-9, None])),
    "struct field order": (column({"a": 1, "b": 2.0}), column({"b": 2.0 + 1e-9, "a": 1})),
    "lists of structs": (
        column([{"a": 1.0, "b": "x"}], None),
        column(None, [{"b": "x", "a": 1.0 + 1e-9}]),
    ),
    "arrays": (
        column([1.0, 2.0], dtype=pl.Array(pl.Float32, 2)),
        column([1.0, 2.0], dtype=pl.Array(pl.Float64, 2)),
    ),
    "nanoseconds in lists": (
        column([NOON], dtype=pl.List(pl.Datetime("us"))),
        column([NOON], dtype=pl.List(pl.Datetime("ns"))),
    ),
    "no rows": (column(dtype=pl.Int8), column(dtype=pl.Int64)),
    "no columns": (pl.DataFrame(), pl.DataFrame()),
}


@pytest.mark.parametrize("name", EQUAL)
def test_equal_by_value(name: str) -> None:
    got, gold = EQUAL[name]
    assert compare_frames(got, gold) is None
    assert compare_frames(gold, got) is None


FAR = pl.Series("x", [109_000_000, 2**31 - 1]).cast(pl.Int32).cast(pl.Date).to_frame()
"""Dates that Python does not have, the first in the year 300,399."""
NESTINGS = {
    "list": pl.concat_list("x"),
    "array": pl.concat_arr("x"),
    "struct": pl.struct(day="x"),
    "list of structs": pl.concat_list(pl.struct(day="x")),
}


@pytest.mark.parametrize("nesting", NESTINGS)
def test_nested_dates_that_python_does_not_have_are_compared(nesting: str) -> None:
    far, near = (
        frame.select(NESTINGS[nesting].alias("x"))
        for frame in (FAR, column(NOON.date(), None, dtype=pl.Date))
    )
    assert compare_frames(far, far[[1, 0]]) is None
    assert kind(far, near) == kind(near, far) == "wrong_values"
    assert "109000000" in _message(far, near)
    assert kind(far, pl.concat([far.head(1)] * 2)) == "wrong_values"


NANOSECOND = pl.Series("x", [1], dtype=pl.Int64).cast(pl.Datetime("ns")).to_frame()

DIFFERENT = {
    "float beyond tolerance": ("wrong_values", column(1.0), column(1.0 + 3e-6)),
    "null and NaN": ("wrong_values", column(None, 1.0), column(NAN, 1.0)),
    "null and NaN in lists": ("wrong_values", column([None, 1.0]), column([NAN, 1.0])),
    "infinity and a large float": ("wrong_values", column(math.inf), column(1.7e308)),
    "signs of infinity": ("wrong_values", column(math.inf), column(-math.inf)),
    "decimals": (
        "wrong_values",
        column(Decimal("1.10"), dtype=pl.Decimal(10, 2)),
        column(Decimal("1.1000001"), dtype=pl.Decimal(38, 7)),
    ),
    "nested lists": ("wrong_values", column([[1], [2]]), column([[1, 2]])),
    "null and empty lists": ("wrong_values", column([], [1]), column(None, [1])),
    "list order": ("wrong_values", column([1, 2]), column([2, 1])),
    "struct values": ("wrong_values", column({"a": 1}), column({"a": 2})),
    "null structs": ("wrong_values", column(None, {"a": 1}), column({"a": None}, {"a": 1})),
    "nanoseconds": ("wrong_values", column(dt.datetime(1970, 1, 1)), NANOSECOND),
    "nanoseconds in lists": (
        "wrong_values",
        NANOSECOND.select(pl.concat_list("x")),
        column([dt.datetime(1970, 1, 1)], dtype=pl.List(pl.Datetime("us"))),
    ),
    "a time out of the other's range": (
        "wrong_values",
        column(dt.datetime(9000, 1, 1), dtype=pl.Datetime("ms")),
        column(NOON, dtype=pl.Datetime("ns")),
    ),
    "integers beyond 2^53": ("wrong_values", column(2**53), column(2**53 + 1)),
    "integer for float": ("wrong_dtype", column(1), column(1.0)),
    "integer for decimal": ("wrong_dtype", column(1), column(1, dtype=pl.Decimal(10, 2))),
    "integer for boolean": ("wrong_dtype", column(1), column(True)),
    "string for date": ("wrong_dtype", column("2024-01-01"), column(dt.date(2024, 1, 1))),
    "datetime for date": ("wrong_dtype", column(NOON), column(dt.date(2024, 1, 1))),
    "time zones": (
        "wrong_dtype",
        column(NOON, dtype=pl.Datetime("us", "UTC")),
        column(NOON, dtype=pl.Datetime("us", "Europe/Paris")),
    ),
    "no time zone": ("wrong_dtype", column(NOON), column(NOON, dtype=pl.Datetime("us", "UTC"))),
    "list of strings": ("wrong_dtype", column(["1"]), column([1])),
    "struct fields": ("wrong_dtype", column({"a": 1}), column({"b": 1})),
    "null dtype": ("wrong_dtype", column(dtype=pl.Null), column(dtype=pl.Int64)),
    "empty frames of other dtypes": (
        "wrong_dtype",
        column(dtype=pl.String),
        column(dtype=pl.Int64),
    ),
    "duplicates": ("wrong_values", column(1, 1, 2), column(1, 2, 2)),
    "rows": ("wrong_row_count", column(1, 1), column(1)),
    "names": ("wrong_columns", column(1), column(1).rename({"x": "y"})),
    "fewer columns": ("wrong_columns", pl.DataFrame(), column(1)),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_different(name: str) -> None:
    expected, got, gold = DIFFERENT[name]
    assert kind(got, gold) == expected
    assert kind(gold, got) == expected


def test_rows_stay_together() -> None:
    gold = pl.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    assert kind(gold.with_columns(pl.col("b").reverse()), gold) == "wrong_values"


def test_float_that_sorts_differently_by_rounding() -> None:
    """Sorting alone would pair row one with row two."""
    gold = pl.DataFrame({"a": [1.0, 1.0 + 1e-12], "b": [1.0, 2.0]})
    got = pl.DataFrame({"a": [1.0 + 1e-12, 1.0], "b": [1.0, 2.0]})
    assert compare_frames(got, gold) is None


def test_order_is_compared_only_where_asked() -> None:
    gold = pl.DataFrame({"name": ["a", "b", "c"], "n": [3, 2, 1]})
    assert kind(gold.reverse(), gold) is None
    assert kind(gold.reverse(), gold, order_by=["n"]) == "wrong_order"
    assert kind(gold, gold, order_by=["n"]) is None


def test_ties_come_in_any_order() -> None:
    gold = pl.DataFrame({"name": ["a", "b", "c"], "n": [2, 2, 1]})
    swapped = gold[[1, 0, 2]]
    assert kind(swapped, gold, order_by=["n"]) is None
    assert kind(swapped, gold, order_by=["n", "name"]) == "wrong_order"


def test_rows_may_not_cross_runs_of_equal_keys() -> None:
    gold = pl.DataFrame({"n": [1.0, 2.0], "name": ["a", "b"]})
    assert kind(gold.with_columns(pl.col("name").reverse()), gold, order_by=["n"]) == "wrong_values"


def test_ties_that_rounding_breaks() -> None:
    gold = pl.DataFrame({"name": ["a", "b"], "mean": [0.3, 0.1 + 0.2]})
    assert kind(gold.reverse(), gold, order_by=["mean"]) is None


def test_wrong_values_come_before_wrong_order() -> None:
    gold = pl.DataFrame({"n": [1, 2]})
    assert kind(pl.DataFrame({"n": [2, 3]}), gold, order_by=["n"]) == "wrong_values"


def test_unknown_order_column_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="'y'"):
        compare_frames(column(1), column(1), order_by=["y"])


def test_ignore_names_pairs_columns_by_content() -> None:
    gold = pl.DataFrame({"a": [1, 2], "b": [2, 1], "c": ["x", "y"]})
    got = gold.select(q="c", p="b", o="a")
    assert kind(got, gold) == "wrong_columns"
    assert kind(got, gold, ignore_names=True) is None
    assert kind(got.with_columns(o=pl.col("p")), gold, ignore_names=True) == "wrong_values"
    assert kind(got.select("q", "p"), gold, ignore_names=True) == "wrong_columns"
    assert kind(got.with_columns(q=pl.lit(1.5)), gold, ignore_names=True) == "wrong_dtype"
    assert kind(got.head(1), gold, ignore_names=True) == "wrong_row_count"


def test_ignore_names_keeps_the_order_that_is_asked() -> None:
    gold = pl.DataFrame({"a": [1, 2], "b": [2, 1]})
    renamed = gold.rename({"a": "x", "b": "y"})
    assert kind(renamed, gold, ignore_names=True, order_by=["a"]) is None
    assert kind(renamed.reverse(), gold, ignore_names=True, order_by=["a"]) is None  # x is b
    gold = gold.with_columns(b=pl.lit(0))
    renamed = gold.rename({"a": "x", "b": "y"}).reverse()
    assert kind(renamed, gold, ignore_names=True, order_by=["a"]) == "wrong_order"


def test_ignore_names_ends_on_wide_frames() -> None:
    """Twelve columns of one content in different arrangements: 12! pairings."""
    steps = range(1, 13)
    gold = pl.DataFrame({f"g{i}": [(i * j) % 13 for j in steps] for i in steps})
    got = pl.DataFrame({f"h{i}": [(i * j) % 13 for j in steps] for i in reversed(steps)})
    assert kind(got, gold, ignore_names=True) is None
    got = got.with_columns(pl.col("h1", "h2").sort())
    assert kind(got, gold, ignore_names=True) == "wrong_values"
    same = pl.DataFrame({f"c{i}": [1, 2, 3] for i in range(60)})
    assert kind(same.rename(lambda name: f"_{name}"), same, ignore_names=True) is None


def test_the_message_says_what_a_person_needs() -> None:
    gold = pl.DataFrame({"name": ["ann", "bob", "cy"], "total": [1.5, 2.5, 3.5]})
    got = gold.with_columns(total=pl.Series([1.5, 2.75, 3.5])).reverse()
    mismatch = compare_frames(got, gold)
    assert mismatch is not None
    assert mismatch.message == (
        "1 of 3 rows not in the result, differing in 'total'; first by 'name': "
        "expected row 2: {name='bob', total=2.5}; got row 2: {name='bob', total=2.75}"
    )
    mismatch = compare_frames(gold.rename({"total": "sum"}), gold)
    assert mismatch is not None
    assert mismatch.message == (
        "expected columns 'name', 'total'; got 'name', 'sum'; missing: 'total'; unexpected: 'sum'"
    )
    mismatch = compare_frames(gold.with_columns(pl.col("total").cast(pl.String)), gold)
    assert mismatch is not None
    assert mismatch.message == "column 'total': expected Float64, got String"
    mismatch = compare_frames(gold.head(2), gold)
    assert mismatch is not None
    assert mismatch.message == "expected 3 rows, got 2; missing row 3: {name='cy', total=3.5}"


def _message(got: pl.DataFrame, gold: pl.DataFrame, **options: Any) -> str:
    mismatch = compare_frames(got, gold, **options)
    assert mismatch is not None
    return mismatch.message


def test_expected_and_got_are_the_same_row_by_its_key() -> None:
    """The first by the key, however the rows come, and although another row is as like it."""
    gold = pl.DataFrame({"name": ["cy", "ann", "bob"], "n": [5, 6, 7], "total": [1.0, 2.0, 3.0]})
    got = pl.DataFrame({"name": ["bob", "cy", "ann"], "n": [8, 5, 7], "total": [3.0, 1.0, 2.5]})
    assert _message(got, gold) == (
        "2 of 3 rows not in the result, differing in 'n', 'total'; first by 'name': "
        "expected row 2: {name='ann', n=6, total=2.0}; got row 3: {name='ann', n=7, total=2.5}"
    )


def test_rows_are_not_found_by_a_column_whose_values_are_wrong() -> None:
    """Both columns identify a row of gold; by the count no row of the result would be found."""
    gold = pl.DataFrame({"n": [3, 2, 1], "name": ["a", "b", "c"]})
    got = gold.with_columns(n=pl.col("n") * 10)
    assert _message(got, gold) == (
        "3 of 3 rows not in the result, differing in 'n'; first by 'name': "
        "expected row 1: {n=3, name='a'}; got row 1: {n=30, name='a'}"
    )


def test_of_ordered_rows_the_first_in_the_order_is_told() -> None:
    gold = pl.DataFrame({"n": [9, 5, 1], "name": ["z", "y", "x"], "day": [1, 1, 2]})
    got = gold.with_columns(day=pl.Series([1, 2, 1]))
    assert _message(got, gold, order_by=["n"]) == (
        "2 of 3 rows not in the result, differing in 'day'; first by 'n': "
        "expected row 2: {n=5, name='y', day=1}; got row 2: {n=5, name='y', day=2}"
    )
    assert "first by 'n': expected row 3: {n=1, name='x'" in _message(got, gold)


def test_a_key_of_two_columns() -> None:
    gold = pl.DataFrame({"shop": [1, 1, 2, 2], "day": [1, 2, 1, 2], "sold": [4.0, 4.0, 4.0, 5.0]})
    got = gold.with_columns(sold=pl.Series([4.0, 4.0, 6.0, 5.0]))
    assert "first by 'shop', 'day': expected row 3" in _message(got, gold)


def test_rows_that_only_one_side_has_are_told_apart_from_rows_that_differ() -> None:
    gold = pl.DataFrame({"name": ["a", "b", "c"], "n": [1, 2, 3]})
    got = pl.DataFrame({"name": ["a", "b", "d", "b"], "n": [1, 5, 3, 6]})
    assert _message(got, gold) == (
        "expected 3 rows, got 4, differing in 'n'; first by 'name': "
        "expected row 2: {name='b', n=2}; got row 2: {name='b', n=5}; "
        "missing row 3: {name='c', n=3}; unexpected row 4 and 1 more: {name='b', n=6}"
    )


def test_without_a_key_the_likeliest_row_is_shown() -> None:
    gold = pl.DataFrame({"kind": ["a", "a", "a"], "x": [1.0, 1.0, 2.0]})
    got = gold.with_columns(x=pl.Series([1.0, 1.0, 2.5]))
    assert _message(got, gold) == (
        "1 of 3 rows not in the result, differing in 'x'; "
        "expected row 3: {kind='a', x=2.0}; got row 3: {kind='a', x=2.5}"
    )


@pytest.mark.parametrize(
    ("gold", "dtype", "far"),
    [
        (NOON, pl.Datetime("us"), 1_700_000_000_000_000_000),  # milliseconds read as seconds
        (NOON, pl.Datetime("us"), 2**63 - 1),
        (NOON.date(), pl.Date, 2**31 - 1),
        (dt.timedelta(1), pl.Duration("ms"), 2**63 - 1),
    ],
)
def test_dates_that_python_does_not_have_are_wrong_values(gold: Any, dtype: Any, far: int) -> None:
    got = column(far, dtype=pl.Int64).cast(dtype)
    mismatch = compare_frames(got, column(gold, dtype=dtype))
    assert mismatch is not None
    assert mismatch.kind == "wrong_values"
    assert f"x={far}" in mismatch.message
