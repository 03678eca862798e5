"""Runs that differ in their seed are samples of one system."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from provenances import provenance

from darkwood_bench.scoring import Answer, Costs, samples_of, score_rows

START = datetime(2026, 11, 20, tzinfo=UTC)


def run(hour: int, slice_: str, right: str, **changes: str) -> Any:
    answers = [
        Answer(f"t{n}", f"db{n % 6}", "joins", 1, f"g{n}", "c", of == "x", True, True, 1.0, True)
        for n, of in enumerate(right)
    ]
    made = provenance(slice=slice_, **changes)
    return score_rows(answers, Costs(0.0, 0, 0, 0.0), made, START + timedelta(hours=hour))[0]


WARM = "all, temperature 0.6"


def test_each_seed_is_a_sample_of_every_task_and_the_later_of_two_counts() -> None:
    (found,) = samples_of(
        [
            run(0, f"{WARM}, seed 1", "xx......"),
            run(1, f"{WARM}, seed 7", "x......."),
            run(3, f"{WARM}, seed 2", "........"),
            run(2, f"{WARM}, seed 2", "xxxxxxxx"),
            run(4, "all", "xxxxxxxx"),  # greedy: no draw
        ]
    )
    assert (found.slice, found.seeds) == (WARM, (1, 2, 7))
    assert found.correct == {"t0": 2, "t1": 1} | {f"t{n}": 0 for n in range(2, 8)}
    share, interval = found.pass_at(1)
    assert share == pytest.approx(3 / 24)
    assert interval is not None
    assert interval.low <= share <= interval.high
    # Of three samples two: t0 is surely among them, t1 in two of three pairs.
    assert found.pass_at(2)[0] == pytest.approx((1 + 2 / 3) / 8)
    assert found.pass_at(3)[0] == pytest.approx(2 / 8)
    with pytest.raises(ValueError, match="pass@4"):
        found.pass_at(4)


def test_all_right_and_none_right_are_not_certain() -> None:
    for right, low, high in (("x" * 12, 0.75, 1.0), ("." * 12, 0.0, 0.25)):
        (found,) = samples_of([run(n, f"{WARM}, seed {n}", right) for n in (1, 2)])
        share, interval = found.pass_at(1)
        assert share == float("x" in right)
        assert interval is not None
        assert (interval.low, interval.high) == pytest.approx((low, high), abs=0.01)


def test_what_another_system_answered_is_another_sample() -> None:
    found = samples_of(
        [
            run(0, f"{WARM}, seed 1", "xx"),
            run(1, f"{WARM}, seed 2", "xx", weights_sha256="other"),
            run(2, "all, temperature 1, seed 3", "xx"),
            run(3, f"{WARM}, seed 4", "xxx"),
            run(4, f"{WARM}, seed 5", "x."),
        ]
    )
    assert [samples.seeds for samples in found] == [(1, 5), (2,), (3,), (4,)]
