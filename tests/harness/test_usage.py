"""T, and what else a run cost, from journal rows."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from darkwood_bench.harness.budgets import Budgets
from darkwood_bench.harness.usage import run_usage, times_of


def record(wall_s: float, batch: str | None = None, **changes: Any) -> dict[str, Any]:
    return {
        "wall_s": wall_s,
        "batch": batch,
        "mode": "sequential" if batch is None else "batched",
        "recorded_at": "2026-01-01",
        "error_kind": None,
        "load_s": 1.0,
        "prompt_tokens": 100,
        "cached_tokens": 60,
        "completion_tokens": 10,
        "peak_vram_bytes": 0,
        "allocated_vram_bytes": None,
        "peak_ram_bytes": 7,
        "other_cpu_s": 0.0,
        "energy_j": None,
        "gpu_clock_low_mhz": None,
        "gpu_clock_high_mhz": None,
        "throttling": [],
        "device": "a CPU",
        "cpu": "a CPU",
        "cores": 2,
        "driver": None,
        "versions": "{}",
        "backend": "b",
        "weights_sha256": "w",
    } | changes


def test_t_of_a_batch_is_its_wall_time_and_of_two_batches_their_sum() -> None:
    rows = [record(1.0, "a"), record(4.0, "a"), record(3.0, "a"), record(2.0, "b")]
    assert run_usage([rows], Budgets(), 0).total_s == 6.0
    assert times_of(rows) == [1.5] * 4


@given(st.lists(st.floats(0.001, 100), min_size=1, max_size=20))
def test_parts_add_up_to_t_in_either_mode(walls: list[float]) -> None:
    alone = [record(wall) for wall in walls]
    assert times_of(alone) == walls
    together = [record(wall, "a") for wall in walls]
    assert sum(times_of(together)) == pytest.approx(max(walls))
    assert run_usage([together], Budgets(), 0).total_s == pytest.approx(max(walls))


def test_t_is_the_mean_of_the_repeats_and_each_of_them_is_kept() -> None:
    usage = run_usage([[record(1.0), record(2.0)], [record(2.0), record(3.0)]], Budgets(), 1)
    assert (usage.total_s, usage.repeat_total_s, usage.repeats) == (4.0, [3.0, 5.0], 2)
    assert (usage.n_generations, usage.n_reused) == (4, 1)


def test_energy_and_load_of_a_batch_are_those_of_its_last_row() -> None:
    rows = [
        record(1.0, "a", energy_j=50.0, other_cpu_s=0.1),
        record(4.0, "a", energy_j=200.0, other_cpu_s=2.0),
        record(1.0, "b", energy_j=30.0, other_cpu_s=1.0),
    ]
    usage = run_usage([rows], Budgets(), 0)
    assert usage.energy_j == 230.0
    assert usage.other_load == pytest.approx(3.0 / (5.0 * 2))


def test_energy_that_was_not_counted_everywhere_is_unknown() -> None:
    rows = [record(1.0, energy_j=5.0), record(1.0)]
    assert run_usage([rows], Budgets(), 0).energy_j is None


def test_ticks_that_are_miscounted_do_not_make_a_load_below_nothing() -> None:
    assert run_usage([[record(1.0, other_cpu_s=-0.02)]], Budgets(), 0).other_load == 0.0


def test_the_load_beside_a_server_elsewhere_is_unknown() -> None:
    assert (
        run_usage([[record(1.0), record(1.0, other_cpu_s=None)]], Budgets(), 0).other_load is None
    )


def test_tokens_errors_and_the_gpu_are_summed_up() -> None:
    rows = [
        record(1.0, gpu_clock_low_mhz=900, gpu_clock_high_mhz=1900, throttling=["power cap"]),
        record(1.0, gpu_clock_low_mhz=1200, gpu_clock_high_mhz=1980, allocated_vram_bytes=5),
        record(1.0, error_kind="timeout", prompt_tokens=None, cached_tokens=None),
        record(1.0, error_kind="worker_crash", completion_tokens=None),
    ]
    usage = run_usage([rows], Budgets(max_seconds=9), 0)
    assert usage.cached_share == pytest.approx(0.6)
    assert (usage.prompt_tokens, usage.completion_tokens) == (300, 30)
    assert (usage.n_errors, usage.n_over_budget) == (2, 1)
    thrice = run_usage([rows] * 3, Budgets(), 0)
    assert (thrice.n_errors, thrice.n_over_budget) == (2, 1)  # tasks, not answers
    assert (usage.gpu_clock_low_mhz, usage.gpu_clock_high_mhz) == (900, 1980)
    assert (usage.throttling, usage.allocated_vram_bytes) == (["power cap"], 5)
    assert usage.max_seconds == 9


def test_cpu_time_is_told_of_each_repeat() -> None:
    repeats = [[record(2.0, cpu_s=3.0), record(1.0, cpu_s=1.5)], [record(4.0, cpu_s=3.1)]]
    assert run_usage(repeats, Budgets(), 0).repeat_cpu_s == [4.5, 3.1]
    assert run_usage([*repeats, [record(1.0)]], Budgets(), 0).repeat_cpu_s is None
    batch = [record(1.0, "a", cpu_s=1.0), record(4.0, "a", cpu_s=6.0)]
    assert run_usage([batch], Budgets(), 0).repeat_cpu_s == [6.0]


def test_nothing_measured_is_an_error() -> None:
    with pytest.raises(ValueError, match="no generations"):
        run_usage([[]], Budgets(), 0)
