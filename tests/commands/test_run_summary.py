"""What a run says of its repeats, whether or not anything was answered rightly."""

import pytest

from darkwood_bench.commands.run_summary import not_shown, spread


def test_the_spread_of_repeats_is_told_with_cpu_time_and_load() -> None:
    run = {
        "repeats": 3,
        "repeat_total_s": [9.0, 10.0, 11.0],
        "repeat_cpu_s": [19.9, 20.0, 20.1],
        "other_load": 0.034,
    }
    assert spread(run) == (
        "T of 3 repeats: 10.0 s, 9.0 to 11.0 (sd 10.0%); CPU time of the model: 20.0 s, 19.9 to "
        "20.1 (sd 0.5%); other processes had 3.4% of the cores"
    )


@pytest.mark.parametrize("cpu", [None, []])
def test_what_was_not_measured_is_left_out(cpu: list[float] | None) -> None:
    run = {
        "repeats": 2,
        "repeat_total_s": [0.0, 0.0],
        "repeat_cpu_s": cpu,
        "other_load": None,
    }
    assert spread(run) == "T of 2 repeats: 0.0 s, 0.0 to 0.0"


def test_a_run_that_the_board_does_not_show_is_named_with_its_figures() -> None:
    score = {"model": "m", "prompt_variant": "v", "N": 0, "n_tasks": 5, "T": 12.34, "score": None}
    said = not_shown({**score, "score_id": "0123456789abcdef"})
    assert said.startswith("m v, this run: 0 of 5 tasks, T 12.3 s, no Score; the board keeps")
    assert "`darkwood history` has this one (01234567)" in said
