"""Laws of the comparison, over generated frames; a brute-force search is the second opinion."""

import math
import re
from collections.abc import Callable
from itertools import permutations
from typing import Any

import polars as pl
from hypothesis import assume, event, given, settings
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


@st.composite
def relatives(draw: st.DrawFn) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A frame, and one that has most of it: rows shuffled, cells moved, a column or row changed."""
    one = draw(frames(min_rows=1))
    other = one[draw(st.permutations(range(one.height)))]
    for change in draw(st.lists(st.sampled_from(list(_CHANGES)), max_size=2)):
        name = draw(st.sampled_from(other.columns))
        other = _CHANGES[change](other, name)
    return one, other


_CHANGES: dict[str, Callable[[pl.DataFrame, str], pl.DataFrame]] = {
    "near": lambda frame, _: frame.with_columns(pl.col(pl.Float64) * (1 + 8e-7)),
    "near one": lambda frame, _: frame.with_columns(
        pl.when(pl.int_range(pl.len()) == 0)
        .then(pl.col(pl.Float64) * (1 + 8e-7))
        .otherwise(pl.col(pl.Float64))
    ),
    "null": lambda frame, name: frame.with_columns(
        pl.when(pl.int_range(pl.len()) > 0).then(pl.col(name)).alias(name)
    ),
    "narrow": lambda frame, _: frame.with_columns(pl.col(pl.Int64).cast(pl.Int8)),
    "text": lambda frame, _: frame.with_columns(pl.col(pl.Int64).cast(pl.String)),
    "fewer": lambda frame, _: frame[1:],
    "twice": lambda frame, _: pl.concat([frame[:1], frame[:1], frame[2:]]),
    "renamed": lambda frame, name: frame.rename({name: f"{name}_"}),
    "moved": lambda frame, _: frame.select(reversed(frame.columns)),
}


@given(relatives(), st.booleans())
@settings(max_examples=300, deadline=None)
def test_symmetric(pair: tuple[pl.DataFrame, pl.DataFrame], ignore_names: bool) -> None:
    one, other = pair
    for order_by in ([], ["c0"]):
        if {*order_by} <= {*one.columns} & {*other.columns}:
            forth = compare_frames(one, other, order_by=order_by, ignore_names=ignore_names)
            back = compare_frames(other, one, order_by=order_by, ignore_names=ignore_names)
            event(f"{forth.kind if forth else 'equal'}")
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


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=400), st.randoms())
@settings(max_examples=100, deadline=None)
def test_the_order_of_a_sums_terms_does_not_matter(terms: list[float], random: Any) -> None:
    shuffled = list(terms)
    random.shuffle(shuffled)
    sums = [pl.DataFrame({"x": [sum(order), sum(order) / 7]}) for order in (terms, shuffled)]
    assert compare_frames(*sums) is None


@given(st.lists(st.decimals(-(10**9), 10**9, places=4), max_size=6), st.randoms())
@settings(max_examples=100, deadline=None)
def test_a_decimal_is_the_float_of_its_value(values: list[Any], random: Any) -> None:
    decimals = pl.DataFrame({"x": pl.Series(values, dtype=pl.Decimal(20, 4))})
    floats = decimals.cast(pl.Float64).sample(fraction=1, shuffle=True, seed=random.randrange(9))
    assert compare_frames(decimals, floats) is None
    if values:
        moved = floats.with_columns(pl.col("x") * 1.001 + 1)
        assert compare_frames(decimals, moved) is not None


@given(st.lists(st.none() | st.sampled_from(["a", "b", "c"]), max_size=6))
@settings(max_examples=50, deadline=None)
def test_text_is_text_however_it_is_stored(values: list[str | None]) -> None:
    plain = pl.DataFrame({"x": pl.Series(values, dtype=pl.String)})
    for dtype in (pl.Categorical(), pl.Enum(["c", "b", "a"])):
        stored = plain.cast(dtype)
        assert compare_frames(stored, plain) is None
        assert compare_frames(stored, plain, order_by=["x"]) is None


@given(st.lists(st.datetimes(), min_size=1, max_size=4))
@settings(max_examples=50, deadline=None)
def test_an_instant_in_another_zone_is_another_value(values: list[Any]) -> None:
    utc = pl.DataFrame({"x": pl.Series(values, dtype=pl.Datetime("us", "UTC"))})
    elsewhere = utc.select(pl.col("x").dt.convert_time_zone("Asia/Tokyo"))
    naive = utc.select(pl.col("x").dt.replace_time_zone(None))
    for one, other in ((utc, elsewhere), (utc, naive), (elsewhere, naive)):
        mismatch = compare_frames(one, other)
        assert mismatch is not None
        assert mismatch.kind == "wrong_dtype"


@given(st.integers(2, 400), st.integers(0, 3), st.randoms())
@settings(max_examples=60, deadline=None)
def test_many_rows_pair_up_but_those_that_differ(height: int, wrong: int, random: Any) -> None:
    """Tall enough for several ranges of hashes; cells of other columns change."""
    wrong = min(wrong, height)
    frame = pl.DataFrame(
        {
            "key": [random.randrange(height) for _ in range(height)],
            "name": [random.choice("abc") for _ in range(height)],
            "x": [random.choice([0.0, -0.0, 1.5, math.nan, None]) for _ in range(height)],
            "y": [random.random() for _ in range(height)],
        }
    )
    rows = list(range(height))
    random.shuffle(rows)
    got = frame[rows].with_columns(pl.col("y") * (1 + 1e-10))
    changed = random.sample(range(height), wrong)
    column, value = random.choice([("key", height + 1), ("name", "?"), ("y", 7.0), ("x", 9.0)])
    for row in changed:
        got[row, column] = value
    mismatch = compare_frames(got, frame)
    if not wrong:
        assert mismatch is None
    else:
        assert mismatch is not None
        assert mismatch.kind == "wrong_values"
        assert f"{wrong} of {height} rows not in the result" in mismatch.message
        assert f"'{column}'" in mismatch.message
    fewer = compare_frames(got[1:], frame)
    assert fewer is not None
    assert fewer.kind == "wrong_row_count"


@given(frames(min_rows=1), st.integers(1, 6), st.booleans(), st.randoms())
@settings(max_examples=150, deadline=None)
def test_the_first_difference_is_told_of_one_row_by_its_key(
    frame: pl.DataFrame, wrong: int, ordered: bool, random: Any
) -> None:
    """Whatever dtypes a frame holds: the rows that were changed, and no others, are told of."""
    wrong = min(wrong, frame.height)
    numbers = list(range(frame.height))
    gold = frame.with_columns(key=pl.Series(random.sample(range(100), frame.height)), x=pl.lit(0.0))
    gold = gold.sort("key") if ordered else gold
    changed = sorted(random.sample(numbers, wrong))
    got = gold.with_columns(x=pl.Series([float(row in changed) for row in numbers]))
    rows = numbers if ordered else random.sample(numbers, len(numbers))
    mismatch = compare_frames(got[rows], gold, order_by=["key"] if ordered else [])
    assert mismatch is not None
    assert mismatch.message.startswith(
        f"{wrong} of {frame.height} row{'s' * (frame.height > 1)} not in the result, "
        "differing in 'x'; first by "
    )
    expected, shown = (int(row) - 1 for row in re.findall(r"row (\d+): ", mismatch.message))
    assert rows[shown] == expected
    by = re.findall(r"'(\w+)'", mismatch.message.split("first by ")[1].split(": expected")[0])
    if by == ["key"]:
        assert gold["key"][expected] == min(gold["key"][row] for row in changed)
    assert not gold.select(by).is_duplicated().any()
