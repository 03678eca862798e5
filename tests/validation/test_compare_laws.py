"""Laws of the comparison, over generated frames; a brute-force search is the second opinion."""

import math
from itertools import permutations
from typing import Any

import polars as pl
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from darkwood_bench.validation import compare_frames
from darkwood_bench.validation.tolerance import ABSOLUTE, RELATIVE

CELLS: list[tuple[pl.DataType, st.SearchStrategy[Any]]] = [
    (pl.Int64(), st.integers(-2, 2)),
    (pl.Float64(), st.sampled_from([0.0, -0.0, 1.0, 1.0 + 6e-7, 1.0 + 1.2e-6, math.nan, math.inf])),
    (pl.String(), st.sampled_from(["", "a", "b"])),
    (pl.Boolean(), st.booleans()),
    (pl.Date(), st.dates()),
    (pl.Datetime("us", "UTC"), st.datetimes()),
    (pl.Decimal(10, 2), st.decimals(-9, 9, places=2)),
    (pl.List(pl.Float64()), st.lists(st.sampled_from([1.0, 1.0 + 6e-7, 2.0, None]), max_size=2)),
    (
        pl.Struct({"a": pl.Int64(), "b": pl.Float64()}),
        st.fixed_dictionaries({"a": st.integers(0, 1), "b": st.sampled_from([0.5, math.nan])}),
    ),
]


@st.composite
def frames(draw: st.DrawFn, min_rows: int = 0, min_columns: int = 1) -> pl.DataFrame:
    kinds = draw(st.lists(st.sampled_from(CELLS), min_size=min_columns, max_size=4))
    height = draw(st.integers(min_rows, 6))
    columns = [
        pl.Series(
            f"c{number}",
            draw(st.lists(st.none() | cell, min_size=height, max_size=height)),
            dtype=dtype,
        )
        for number, (dtype, cell) in enumerate(kinds)
    ]
    return pl.DataFrame(columns)


def _reversed(frame: pl.DataFrame) -> pl.DataFrame:
    """DataFrame.reverse loses the inner dtype of a List column of nulls (Polars 2.1)."""
    return frame[list(reversed(range(frame.height)))]


@given(frames(), st.randoms())
@settings(max_examples=150, deadline=None)
def test_blind_to_row_order_column_order_and_chunks(frame: pl.DataFrame, random: Any) -> None:
    rows = list(range(frame.height))
    names = frame.columns
    random.shuffle(rows)
    random.shuffle(names)
    shuffled = frame[rows].select(names)
    cut = random.randint(0, frame.height)
    chunked = pl.concat([shuffled[:cut], shuffled[cut:]], rechunk=False)
    assert compare_frames(frame, frame) is None
    assert compare_frames(chunked, frame) is None
    assert compare_frames(frame, chunked) is None


@given(frames(), frames())
@settings(max_examples=100, deadline=None)
def test_symmetric(one: pl.DataFrame, other: pl.DataFrame) -> None:
    for order_by in ([], ["c0"]):
        forth = compare_frames(one, other, order_by=order_by)
        back = compare_frames(other, one, order_by=order_by)
        assert (forth and forth.kind) == (back and back.kind)


@given(frames(), st.sampled_from([pl.Int8, pl.UInt16, pl.Int128]))
@settings(max_examples=50, deadline=None)
def test_blind_to_widths(frame: pl.DataFrame, integer: Any) -> None:
    narrow = frame.with_columns(
        pl.col(pl.Int64).abs().cast(integer), pl.col(pl.Float64).cast(pl.Float32)
    )
    wide = frame.with_columns(pl.col(pl.Int64).abs())
    assert compare_frames(narrow, wide) is None


@given(frames(min_rows=2), st.data())
@settings(max_examples=100, deadline=None)
def test_not_blind_to_duplicates(frame: pl.DataFrame, data: st.DataObject) -> None:
    source, target = data.draw(st.permutations(range(frame.height)))[:2]
    assume(compare_frames(frame[[source]], frame[[target]]) is not None)
    rows = [source if row == target else row for row in range(frame.height)]
    mismatch = compare_frames(frame[rows], frame)
    # Chains of near floats can make up for the swap; the brute force below decides those.
    if mismatch is None:
        assert _exists_pairing(frame[rows], frame)
    else:
        assert mismatch.kind == "wrong_values"


@given(frames(min_rows=1))
@settings(max_examples=50, deadline=None)
def test_one_row_more_or_less_is_seen(frame: pl.DataFrame) -> None:
    for other in (frame[1:], pl.concat([frame, frame[:1]])):
        mismatch = compare_frames(other, frame)
        assert mismatch is not None
        assert mismatch.kind == "wrong_row_count"


NEAR = st.sampled_from([1.0 + step * 5e-7 for step in range(7)])


@given(st.data(), st.integers(1, 3), st.integers(1, 5))
@settings(max_examples=300, deadline=None)
def test_tolerance_agrees_with_brute_force(data: st.DataObject, width: int, height: int) -> None:
    """Chains of values, each close to the next and not to the one after: sorting cannot decide."""
    rows = st.lists(st.tuples(*[NEAR] * width), min_size=height, max_size=height)
    schema = [f"c{number}" for number in range(width)]
    got = pl.DataFrame(data.draw(rows), schema=schema, orient="row")
    gold = pl.DataFrame(data.draw(rows), schema=schema, orient="row")
    assert (compare_frames(got, gold) is None) == _exists_pairing(got, gold)
    lists = [frame.select(c=pl.concat_list(schema)) for frame in (got, gold)]
    assert (compare_frames(*lists) is None) == _exists_pairing(got, gold)


def _exists_pairing(got: pl.DataFrame, gold: pl.DataFrame) -> bool:
    ours, theirs = got.rows(), gold.rows()
    return any(
        all(_same(one, other) for one, other in zip(ours, order, strict=True))
        for order in permutations(theirs)
    )


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        if math.isnan(one) or math.isnan(other):
            return math.isnan(one) and math.isnan(other)
        if math.isinf(one) or math.isinf(other):
            return one == other
        return abs(one - other) <= ABSOLUTE + RELATIVE * max(abs(one), abs(other))
    if isinstance(one, dict) and isinstance(other, dict):
        return all(_same(one[name], other[name]) for name in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return one == other


@given(frames(min_rows=2))
@settings(max_examples=100, deadline=None)
def test_order_is_seen_where_it_is_asked(frame: pl.DataFrame) -> None:
    ordered = frame.with_row_index("position")
    assert compare_frames(ordered, ordered, order_by=["position"]) is None
    mismatch = compare_frames(_reversed(ordered), ordered, order_by=["position"])
    assert mismatch is not None
    assert mismatch.kind == "wrong_order"


@given(frames(min_rows=1), st.randoms())
@settings(max_examples=100, deadline=None)
def test_ties_in_any_order(frame: pl.DataFrame, random: Any) -> None:
    tied = pl.concat([frame.with_columns(key=pl.lit(1)), frame.with_columns(key=pl.lit(2))])
    first, second = list(range(frame.height)), list(range(frame.height, 2 * frame.height))
    random.shuffle(first)
    random.shuffle(second)
    assert compare_frames(tied[first + second], tied, order_by=["key"]) is None
    mismatch = compare_frames(tied[second + first], tied, order_by=["key"])
    assert mismatch is not None
    assert mismatch.kind == "wrong_order"


@given(frames(), st.randoms())
@settings(max_examples=100, deadline=None)
def test_names_ignored(frame: pl.DataFrame, random: Any) -> None:
    names = frame.columns
    random.shuffle(names)
    renamed = frame.select(pl.col(name).alias(f"r{i}") for i, name in enumerate(names))
    assert compare_frames(_reversed(renamed), frame, ignore_names=True) is None


@given(st.data(), st.integers(1, 4), st.integers(1, 4))
@settings(max_examples=150, deadline=None)
def test_names_ignored_agrees_with_brute_force(
    data: st.DataObject, width: int, height: int
) -> None:
    rows = st.lists(st.tuples(*[st.integers(0, 1)] * width), min_size=height, max_size=height)
    schema = [f"c{number}" for number in range(width)]
    got = pl.DataFrame(data.draw(rows), schema=schema, orient="row")
    gold = pl.DataFrame(data.draw(rows), schema=schema, orient="row")
    found = compare_frames(got, gold, ignore_names=True) is None
    expected = any(
        sorted(got.select(order).rows()) == sorted(gold.rows()) for order in permutations(schema)
    )
    assert found == expected
