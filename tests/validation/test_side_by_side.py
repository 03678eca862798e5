"""Which rows and cells are shown of a result that is not gold."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from darkwood_bench.validation import compare_frames, head, side_by_side
from darkwood_bench.validation.side_by_side import MAX_COLUMNS, MAX_ROWS

GOLD = pl.DataFrame({"city": ["Bonn", "Kiel", "Ulm"], "n": [3, 2, 1], "share": [0.5, 0.3, None]})


def test_the_wrong_cell_is_marked_beside_its_counterpart_whatever_the_order_of_rows() -> None:
    got = pl.DataFrame(
        {"share": [None, 0.31, 0.5], "city": ["Ulm", "Kiel", "Bonn"], "n": [1, 2, 3]}
    )
    shown = side_by_side(got, GOLD)
    (pair,) = shown.rows
    assert (pair.expected_row, pair.got_row) == (2, 2)
    assert pair.expected == ("Kiel", "2", "0.3")
    assert pair.got == ("Kiel", "2", "0.31")
    assert pair.differs == (False, False, True)
    assert (shown.more_expected, shown.more_got) == (0, 0)


def test_missing_and_surplus_rows_stand_alone() -> None:
    short = side_by_side(GOLD[:2], GOLD)
    assert [(pair.expected_row, pair.got_row) for pair in short.rows] == [(3, None)]
    assert short.rows[0].expected == ("Ulm", "1", None)
    long = side_by_side(pl.concat([GOLD, GOLD[:1]]), GOLD)
    assert [pair.expected_row for pair in long.rows] == [None]
    assert long.rows[0].got == ("Bonn", "3", "0.5")


def test_columns_of_one_side_alone_and_other_dtypes_are_named() -> None:
    got = GOLD.select("city", pl.col("n").cast(pl.Float64), pl.lit("x").alias("note"))
    shown = side_by_side(got, GOLD)
    assert [(column.name, column.expected, column.got) for column in shown.columns] == [
        ("city", "String", "String"),
        ("n", "Int64", "Float64"),
        ("share", "Float64", None),
        ("note", None, "String"),
    ]
    assert shown.rows[0].expected == ("Bonn", "3", "0.5", None)
    assert shown.rows[0].got == ("Bonn", "3.0", None, "x")
    assert shown.rows[0].differs == (False, True, True, True)


def test_a_wrong_order_is_shown_place_by_place() -> None:
    got = GOLD[[0, 2, 1]]
    shown = side_by_side(got, GOLD, order_by=["n"])
    assert [(pair.expected_row, pair.got_row) for pair in shown.rows] == [(2, 2), (3, 3)]
    assert shown.rows[0].differs == (True, True, True)


def test_columns_of_another_name_stand_in_their_place_where_names_are_free() -> None:
    got = GOLD.rename({"city": "town"}).with_columns(n=pl.Series([3, 2, 9]))
    shown = side_by_side(got, GOLD, by_place=True)
    assert [column.name for column in shown.columns] == GOLD.columns
    assert shown.rows[0].differs == (False, True, False)


def test_null_is_not_the_word_null_and_long_cells_are_cut() -> None:
    frame = pl.DataFrame({"a": ["null", None, "x" * 1000]})
    assert head(frame)[:2] == [("null",), (None,)]
    assert head(frame)[2][0] == "x" * 119 + "…"


def test_what_is_left_out_is_counted() -> None:
    gold = pl.DataFrame({"a": range(100)})
    shown = side_by_side(gold + 1000, gold)
    assert len(shown.rows) == MAX_ROWS
    assert (shown.more_expected, shown.more_got) == (100 - MAX_ROWS, 100 - MAX_ROWS)
    wide = pl.DataFrame({f"c{i}": [i] for i in range(40)})
    shown = side_by_side(wide, wide.with_columns(c0=pl.lit(7)))
    assert (len(shown.columns), shown.more_columns) == (MAX_COLUMNS, 40 - MAX_COLUMNS)
    assert len(head(wide)[0]) == MAX_COLUMNS


def test_results_without_rows_or_columns_are_no_obstacle() -> None:
    assert side_by_side(pl.DataFrame(), GOLD).columns[0].got is None
    empty = side_by_side(GOLD.clear(), GOLD)
    assert [pair.got_row for pair in empty.rows] == [None] * 3
    beyond = pl.DataFrame({"n": [2**63]}, schema={"n": pl.UInt64})
    assert side_by_side(beyond, pl.DataFrame({"n": [-1]})).rows[0].got == (str(2**63),)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from("ab")), max_size=12),
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from("ab")), max_size=12),
)
def test_rows_are_shown_exactly_where_frames_differ(
    ours: list[tuple[int, str]], theirs: list[tuple[int, str]]
) -> None:
    schema = {"n": pl.Int64, "word": pl.String}
    got, gold = (pl.DataFrame(rows, schema=schema, orient="row") for rows in (ours, theirs))
    if compare_frames(got, gold) is None:
        return
    shown = side_by_side(got, gold)
    assert shown.rows
    for pair in shown.rows:
        if pair.expected_row is not None:
            assert pair.expected == tuple(map(str, gold.row(pair.expected_row - 1)))
        if pair.got_row is not None:
            assert pair.got == tuple(map(str, got.row(pair.got_row - 1)))
        if pair.differs:
            assert any(pair.differs)
            assert pair.differs == tuple(
                a != b for a, b in zip(pair.expected, pair.got, strict=True)
            )
