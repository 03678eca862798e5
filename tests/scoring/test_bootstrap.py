"""Intervals over resampled databases, against what theory says of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from darkwood_bench.scoring import bootstrap_quotient, bootstrap_rate, pass_at_k

ONE_DATABASE = ["db"] * 300
THIRDS = [float(n % 3 == 0) for n in range(300)]
ONES = [(1.0,)] * 300


def test_the_interval_of_a_mean_agrees_with_its_normal_one() -> None:
    spread = bootstrap_rate(THIRDS, ONES, ONE_DATABASE)
    assert spread is not None
    half = 1.96 * np.std(THIRDS) / np.sqrt(300)
    assert spread.rate == pytest.approx((1 / 3 - half, 1 / 3 + half), abs=0.005)
    assert spread.cost == (300, 300)


def test_tasks_that_stand_and_fall_with_their_database_tell_less() -> None:
    databases = [f"db{n // 10}" for n in range(300)]
    together = [float(n // 10 % 3 == 0) for n in range(300)]
    apart = bootstrap_rate(THIRDS, ONES, databases)
    joint = bootstrap_rate(together, ONES, databases)
    assert apart is not None
    assert joint is not None
    half = 1.96 * np.std(together[::10]) / np.sqrt(30)  # thirty draws, not three hundred
    assert joint.rate == pytest.approx((1 / 3 - half, 1 / 3 + half), abs=0.02)
    assert joint.rate.high - joint.rate.low > 3 * (apart.rate.high - apart.rate.low)


def test_databases_of_different_sizes_do_not_make_a_cost_uncertain() -> None:
    databases = [f"db{min(n // 10, 9)}" for n in range(300)]
    spread = bootstrap_rate(THIRDS, ONES, databases)
    assert spread is not None
    assert spread.cost == (300, 300)


def test_repeats_widen_the_interval_of_the_total_by_what_they_differ() -> None:
    gains = [1.0] * 100
    alike = bootstrap_rate(gains, [(2.0, 2.0, 2.0)] * 100, ["db"] * 100)
    spread = bootstrap_rate(gains, [(1.0, 2.0, 3.0)] * 100, ["db"] * 100)
    assert alike is not None
    assert spread is not None
    assert alike.cost == pytest.approx((200, 200))
    # The mean of three draws of 1, 2 and 3: all three alike in 1 of 27 resamples each way.
    assert spread.cost == pytest.approx((100, 300))
    assert spread.rate == pytest.approx((1 / 3, 1.0))


@pytest.mark.parametrize(("gains", "costs"), [([], []), ([1.0], [2.0]), ([0.0, 1.0], [0.0, 0.0])])
def test_no_spread_is_made_up_where_there_is_none(gains: list[float], costs: list[float]) -> None:
    assert bootstrap_rate(gains, [(cost,) for cost in costs], ["d"] * len(gains)) is None
    system = gains, [(cost,) for cost in costs]
    assert bootstrap_quotient(system, system, ["d"] * len(gains)) is None


@settings(max_examples=20, deadline=None)
@given(st.lists(st.booleans(), min_size=5, max_size=60), st.floats(0.5, 4))
def test_a_system_against_itself_and_against_a_faster_one(rights: list[bool], by: float) -> None:
    gains = [float(right) for right in (True, *rights)]
    costs = [1.0 + n % 3 for n in range(len(gains))]
    tasks = [f"db{n % 7}" for n in range(len(gains))]
    ours, slower = [(cost,) for cost in costs], [(cost * by,) for cost in costs]
    quotient = bootstrap_quotient((gains, ours), (gains, slower), tasks, resamples=500)
    assert quotient is not None
    # The same tasks are drawn for both, so that what they share cancels out.
    assert quotient.low in (pytest.approx(by), 1.0)
    assert quotient.high in (pytest.approx(by), 1.0)


def test_a_system_that_is_slow_in_some_runs_is_not_called_slower_than_one_that_is_not() -> None:
    tasks = [f"t{n}" for n in range(100)]
    steady = [1.0] * 100, [(1.0, 1.0, 1.0)] * 100
    now_and_then = [1.0] * 100, [(0.9, 1.0, 1.4)] * 100
    once = [1.0] * 100, [(1.1,)] * 100
    assert bootstrap_quotient(once, steady, tasks) == pytest.approx((1 / 1.1, 1 / 1.1))
    quotient = bootstrap_quotient(now_and_then, steady, tasks)
    # The mean of three draws of 0.9, 1.0 and 1.4: all three alike in 1 of 27 resamples each way.
    assert quotient == pytest.approx((1 / 1.4, 1 / 0.9))


def test_pass_at_k_is_the_share_of_draws_with_a_right_one() -> None:
    assert pass_at_k(10, 3, 1) == pytest.approx(0.3)
    assert pass_at_k(4, 2, 2) == pytest.approx(5 / 6)
    assert pass_at_k(5, 0, 5) == 0.0
    assert pass_at_k(5, 1, 5) == 1.0
    with pytest.raises(ValueError, match="pass@3 of 1 right in 2"):
        pass_at_k(2, 1, 3)
