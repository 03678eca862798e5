"""When a score is worse than the accepted one, and when it is not."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from watch_scores import keep

from darkwood_bench.storage import TableError
from darkwood_bench.watch import State, accept, baseline_of, judge_score, watched_partitions

N = 120
RIGHT = [n % 3 > 0 for n in range(N)]
WALLS = [1.0 + n % 7 for n in range(N)]


@pytest.fixture
def tables(tmp_path: Path) -> str:
    row = keep(str(tmp_path), 0, RIGHT, WALLS)
    assert judge_score(str(tmp_path), row, 1, accept_first=True).state is State.FIRST
    return str(tmp_path)


def judged(tables: str, row: dict[str, Any], partitions: int = 1) -> State:
    return judge_score(tables, row, partitions, accept_first=False).state


def fewer(lost: int) -> list[bool]:
    """The baseline's verdicts, so many right ones of them wrong."""
    right = [n for n in range(N) if RIGHT[n]][:lost]
    return [is_right and n not in right for n, is_right in enumerate(RIGHT)]


def slower(factor: float) -> list[float]:
    return [wall * factor for wall in WALLS]


def test_answers_lost_are_a_regression_at_once(tables: str) -> None:
    found = judge_score(tables, keep(tables, 24, fewer(20), WALLS), 1, accept_first=False)
    assert found.state is State.WORSE
    assert found.line.startswith("m/v: worse, N 80 -> 60 of 120 (p = 1.9e-06)")
    assert found.comparison is not None
    assert len(found.comparison.lost) == 20


def test_what_is_borne_or_may_be_chance_is_not_worse(tables: str) -> None:
    assert judged(tables, keep(tables, 24, fewer(2), slower(1.05))) is State.NOT_WORSE
    assert judged(tables, keep(tables, 48, fewer(6), WALLS)) is State.NOT_WORSE


def test_more_partitions_ask_for_more_evidence(tables: str) -> None:
    row = keep(tables, 24, fewer(12), WALLS)  # p = 0.0005
    assert judged(tables, row, partitions=1) is State.WORSE
    assert judged(tables, row, partitions=400) is State.NOT_WORSE


def test_a_slow_night_is_measured_again_before_it_is_a_regression(tables: str) -> None:
    assert judged(tables, keep(tables, 24, RIGHT, slower(1.5))) is State.SUSPECT
    assert judged(tables, keep(tables, 25, RIGHT, slower(1.02))) is State.NOT_WORSE
    assert judged(tables, keep(tables, 48, RIGHT, slower(1.5))) is State.SUSPECT
    assert judged(tables, keep(tables, 49, RIGHT, slower(1.45))) is State.WORSE


def test_a_busy_machine_confirms_nothing(tables: str) -> None:
    assert judged(tables, keep(tables, 24, RIGHT, slower(1.5), other_load=0.4)) is State.SUSPECT
    busy = keep(tables, 25, RIGHT, slower(1.4), other_load=0.4)
    found = judge_score(tables, busy, 1, accept_first=False)
    assert found.state is State.UNSETTLED
    assert "measure again on a quiet one" in found.line
    assert judged(tables, keep(tables, 26, RIGHT, slower(1.5))) is State.SUSPECT
    assert judged(tables, keep(tables, 27, RIGHT, slower(1.5))) is State.WORSE


def test_another_slice_device_or_budget_is_another_question(tables: str) -> None:
    changes: list[dict[str, Any]] = [
        {"slice": "quick"},
        {"device": "e"},
        {"budgets": "1 s"},
        {"mode": "batched"},
    ]
    for changed in changes:
        row = keep(tables, 24, fewer(60), WALLS, **changed)
        assert judged(tables, row) is State.NO_BASELINE
    assert judged(tables, keep(tables, 30, fewer(60), WALLS)) is State.WORSE


def test_what_changed_since_is_named(tables: str) -> None:
    row = keep(tables, 24, fewer(20), WALLS, weights_sha256="other")
    line = judge_score(tables, row, 1, accept_first=False).line
    assert line.endswith("since then other weights_sha256")


def test_an_accepted_score_is_what_later_ones_are_held_against(tables: str) -> None:
    worse = keep(tables, 24, fewer(20), WALLS)
    accept(tables, worse, by="me", note="new weights")
    assert judged(tables, worse) is State.ACCEPTED
    again = keep(tables, 48, fewer(20), slower(1.01))
    assert judged(tables, again) is State.NOT_WORSE
    found = baseline_of(tables, again)
    assert found is not None
    assert found["score_id"] == worse["score_id"]
    assert watched_partitions(tables) == [("m", "v")]


def test_a_damaged_acceptance_is_named(tables: str) -> None:
    (path,) = Path(tables, "accepted", "m", "v").iterdir()
    path.write_text('{"model": "m"}')
    row = keep(tables, 24, fewer(20), WALLS)
    with pytest.raises(TableError, match=r"accepted/m/v/.*\.json: not an acceptance"):
        judge_score(tables, row, 1, accept_first=True)


def test_an_accepted_score_that_is_gone_is_named(tables: str) -> None:
    for path in Path(tables, "history", "m", "v").iterdir():
        path.unlink()
    with pytest.raises(
        TableError, match=r"m/v: its accepted score .* `darkwood nightly accept m/v`"
    ):
        judge_score(tables, keep(tables, 24, fewer(20), WALLS), 1, accept_first=False)


def test_weeks_of_noise_raise_no_alarm_but_for_what_is_planted(tmp_path: Path) -> None:
    """Answers of sampled decoding that flip, tasks that take as long as they like, nights that are
    slower as a whole; one run in ten is slower by half beside other work, one in fifty for no
    reason that is known. From the fifth night on one partition knows a third of its tasks no more.
    """
    draws = np.random.default_rng(20261123)
    weeks, partitions, nights, n, planted = 3, 4, 7, 100, 4
    alarms: list[tuple[int, int, int]] = []
    suspects = 0
    for week in range(weeks):
        tables = str(tmp_path / str(week))
        chances = draws.beta(0.5, 0.5, size=(partitions, n))  # most tasks are sure, some are not
        usual = draws.lognormal(0, 0.7, size=(partitions, n))
        for night in range(nights):
            if night == planted:
                chances[0, np.argsort(chances[0])[-n // 3 :]] = 0
            for partition in range(partitions):
                for again in range(3):
                    beside_others, for_no_reason = draws.random(2) < (0.1, 0.02)
                    machine = draws.lognormal(0, 0.037)  # docs/performance.md: how well T repeats
                    machine *= 1.5 if beside_others or for_no_reason else 1.0
                    walls = usual[partition] * draws.lognormal(0, 0.1, n) * machine
                    right = draws.random(n) < chances[partition]
                    row = keep(
                        tables,
                        night * 24 + again / 10,
                        right.tolist(),
                        walls.tolist(),
                        variant=f"v{partition}",
                        other_load=0.3 if beside_others else 0.01,
                    )
                    found = judge_score(tables, row, partitions, accept_first=True).state
                    if found is State.WORSE:
                        alarms.append((week, night, partition))
                    suspects += found is State.SUSPECT
                    if found is not State.SUSPECT:
                        break
    assert suspects > 0
    assert all(night >= planted and partition == 0 for _, night, partition in alarms)
    assert {week for week, _, _ in alarms} == set(range(weeks))
