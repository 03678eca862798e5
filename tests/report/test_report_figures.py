"""Figures, and the figures in words: laws of both."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkwood_bench.report import formats
from darkwood_bench.report.addresses import root_of, slug, task_page
from darkwood_bench.report.figures import (
    Moment,
    Point,
    Segment,
    front,
    scatter,
    sparkline,
    stacked_bar,
    timeline,
    whisker,
)
from darkwood_bench.report.time_parts import time_parts, writing_pace

NASTY = "\"<script>&'"
shares = st.floats(0, 1, allow_nan=False)
times = st.floats(0.001, 1e6, allow_nan=False)
points = st.lists(
    st.builds(
        lambda time, share: Point(NASTY, time, share, share / 2, min(1, share * 1.1), "x.html"),
        times,
        shares,
    ),
    min_size=1,
    max_size=30,
)


@settings(deadline=None)
@given(points)
def test_the_front_is_those_that_nothing_beats(found: list[Point]) -> None:
    best = front(found)
    beaten = [
        point
        for point in found
        if any(
            other.time <= point.time
            and other.accuracy >= point.accuracy
            and (other.time, other.accuracy) != (point.time, point.accuracy)
            for other in found
        )
    ]
    assert sorted(map(id, best)) == sorted(id(point) for point in found if point not in beaten)
    assert [point.time for point in best] == sorted(point.time for point in best)


@settings(deadline=None)
@given(points, st.sampled_from([(860, 380), (340, 300)]))
def test_a_scatter_is_an_image_with_words_and_stays_within_its_frame(
    found: list[Point], size: tuple[int, int]
) -> None:
    root = ElementTree.fromstring(scatter(found, *size, "here"))
    title = root.find("title")
    assert title is not None
    assert NASTY in (title.text or "")
    circles = list(root.iter("circle"))
    assert len(circles) == len(found)
    for circle in circles:
        assert 0 <= float(circle.get("cx", "-1")) <= size[0]
        assert 0 <= float(circle.get("cy", "-1")) <= size[1]


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=12))
def test_a_bar_is_as_long_as_its_parts(values: list[float]) -> None:
    segments = [Segment("reading", value, NASTY) for value in values]
    root = ElementTree.fromstring(stacked_bar(segments, sum(values)))
    ends = [float(rect.get("x", 0)) + float(rect.get("width", 0)) for rect in root.iter("rect")]
    assert len(ends) <= len(values)
    assert all(0 <= end <= 1001 for end in ends)


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e3), min_size=1, max_size=20))
def test_a_timeline_has_a_point_a_score_and_a_mark_a_change(values: list[float]) -> None:
    began = datetime(2026, 11, 1, tzinfo=UTC)
    moments = [
        Moment(
            began + timedelta(days=day), value, value, value * 1.2, day if day % 3 == 2 else None
        )
        for day, value in enumerate(values)
    ]
    root = ElementTree.fromstring(timeline(moments, 860, 240, "t", "Score"))
    assert len(list(root.iter("circle"))) == len(values)
    marked = [line for line in root.iter("line") if line.get("class") == "change"]
    assert len(marked) == sum(moment.mark is not None for moment in moments)
    ElementTree.fromstring(sparkline(values, range(len(values))))


def test_an_interval_without_an_end_stays_within_its_cell() -> None:
    drawn = whisker(1.2, 0.0, float("inf"), 0.5, 2.0, reference=1.0, logarithmic=True)
    for rect in ElementTree.fromstring(drawn).iter("rect"):
        assert 0 <= float(rect.get("x", -1)) <= 1000


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.0, "0"),
        (0.012345, "0.0123"),
        (9.996, "10.0"),
        (123.4, "123"),
        (1240.0, "1,240"),
        (0.00001, "1.00e-05"),
    ],
)
def test_figures_have_the_digits_that_they_are_worth(value: float | None, text: str) -> None:
    assert formats.significant(value) == text


def test_units_stand_once_in_a_range_and_shares_are_never_rounded_to_all_or_nothing() -> None:
    assert formats.between(formats.seconds(81.7), formats.seconds(192.0)) == "81.7 to 192\u202fs"
    assert (
        formats.between(formats.seconds(0.5), formats.seconds(2.0)) == "500\u202fms to 2.00\u202fs"
    )
    assert formats.percent(0.001) == "1\u202f%"
    assert formats.percent(0.999) == "99\u202f%"
    assert (formats.percent(0.0), formats.percent(1.0)) == ("0\u202f%", "100\u202f%")
    assert formats.signed_points(-0.031) == "−3.1"
    assert formats.signed_points(-0.0001) == "0.0"
    assert formats.p_value(0.0001) == "<\u202f0.001"


@settings(deadline=None)
@given(st.text(max_size=12), st.text(max_size=12))
def test_other_names_have_other_addresses_and_none_leaves_its_folder(one: str, other: str) -> None:
    assert (slug(one) == slug(other)) == (one == other)
    assert slug(one) not in (".", "..")
    assert all(char.isascii() and (char.isalnum() or char in "._-~") for char in slug(one))
    assert "/" not in slug(one)


def test_the_way_back_is_as_long_as_the_way_there() -> None:
    page = task_page("shop/a b")
    assert page == "tasks/shop/a~20b.html"
    assert root_of(page) == "../../"


attempts = st.fixed_dictionaries(
    {
        "wall_s": st.floats(0, 100),
        "ttft_s": st.none() | st.floats(0, 100),
        "finish_s": st.none() | st.floats(0, 100),
        "repeats": st.integers(1, 3),
        "attempt": st.integers(1, 3),
        "error": st.none() | st.just("stopped"),
    }
)


@settings(deadline=None)
@given(st.lists(attempts, min_size=1, max_size=8))
def test_the_parts_of_t_are_never_below_nothing_and_add_up_to_it(rows: list[dict]) -> None:
    frame = pl.DataFrame(
        [{**row, "t_s": row["wall_s"] * row["repeats"], "mode": "sequential"} for row in rows],
        schema_overrides={"ttft_s": pl.Float64, "finish_s": pl.Float64, "error": pl.String},
    )
    parts = time_parts(frame)
    assert parts is not None
    values = vars(parts).values()
    assert all(value >= -1e-9 for value in values)
    assert sum(values) == pytest.approx(frame["t_s"].sum())
    assert time_parts(frame.with_columns(mode=pl.lit("batched"))) is None


def test_an_attempts_time_goes_where_it_was_spent() -> None:
    frame = pl.DataFrame(
        {
            "wall_s": [10.0, 4.0, 3.0, 5.0],
            "ttft_s": [6.0, 1.0, None, None],
            "finish_s": [1.0, 0.5, 0.5, None],
            "t_s": [10.0, 4.0, 3.0, 5.0],
            "attempt": [1, 2, 1, 1],
            "error": [None, None, None, "timeout"],
            "completion_tokens": [60, 30, 20, None],
            "mode": "sequential",
        }
    )
    assert writing_pace(frame) == 20.0
    assert writing_pace(frame.with_columns(mode=pl.lit("batched"))) is None
    parts = time_parts(frame)
    assert parts is not None
    assert (parts.reading, parts.writing, parts.retries) == (6.0, 3.0, 3.5)
    assert (parts.undivided, parts.checks, parts.failed) == (2.5, 2.0, 5.0)
