"""Two scores, task by task."""

from datetime import UTC, datetime
from typing import Any

import pytest
from provenances import provenance

from darkwood_bench.scoring import Answer, Comparison, Costs, compare_scores, score_rows


def scored(rights: dict[str, bool], wall_s: float = 1.0, vram: int = 0, **changes: str) -> Any:
    answers = [
        Answer(task, f"db{n % 6}", "joins", 1, f"g{task}", "c", right, right, right, wall_s, True)
        for n, (task, right) in enumerate(rights.items())
    ]
    costs = Costs(0.0, vram, 0, 0.0)
    return score_rows(answers, costs, provenance(**changes), datetime.now(UTC))[0]


def rights(text: str) -> dict[str, bool]:
    return {f"t{n}": letter == "x" for n, letter in enumerate(text)}


A, B = rights("xxxx" + "." * 26), rights("...x" + "x" * 20 + "." * 6)


def test_what_is_gained_and_lost_is_named_and_tested() -> None:
    found = compare_scores(scored(A), scored(B))
    assert found.lost == ("t0", "t1", "t2")
    assert len(found.gained) == 20
    assert found.paired.p_value < 0.001
    assert (found.n_a, found.n_b) == (4, 21)
    assert found.score_ratio == pytest.approx(21 / 4)
    assert found.score_ratio_interval is not None
    assert 1 < found.score_ratio_interval.low < 21 / 4 < found.score_ratio_interval.high
    assert found.verdict.startswith("B answers more; a higher Score: N 4 -> 21 of 30")


def test_the_same_score_twice_is_no_difference() -> None:
    found = compare_scores(scored(A), scored(A))
    assert (found.paired.p_value, found.score_ratio, found.time_ratio) == (1.0, 1.0, 1.0)
    assert found.differs == {}
    assert found.verdict.startswith("no difference in correctness shown; none in Score")


def test_time_and_memory_move_the_score_and_not_the_verdict_on_correctness() -> None:
    found = compare_scores(scored(A, vram=2_000_000_000), scored(A, wall_s=2.0))
    assert found.time_ratio == pytest.approx(2.0)
    assert found.time_ratio_interval == pytest.approx((2.0, 2.0))
    assert found.score_ratio == pytest.approx(2**0.1 / 2)
    assert "no difference in correctness shown; a lower Score" in found.verdict


def test_how_t_varies_from_run_to_run_is_in_its_interval_or_said_to_be_unknown() -> None:
    def repeated(*each_s: float) -> Any:
        row = scored(A, wall_s=sum(each_s) / len(each_s))
        return row | {"repeat_s": [list(each_s)] * len(A)}

    found = compare_scores(repeated(1.0, 1.1, 0.9, 1.2, 0.8), repeated(1.0, 1.2, 1.1, 1.3, 0.9))
    assert found.repeats == (5, 5)
    assert found.time_ratio == pytest.approx(1.1)
    assert found.time_ratio_interval is not None
    assert found.time_ratio_interval.low < 1 < found.time_ratio_interval.high
    assert "none in Score" in found.verdict
    assert "of one repeat" not in found.verdict
    few = compare_scores(repeated(1.0, 1.1), repeated(1.0, 1.1))
    assert few.verdict.endswith(
        "of 2 repeats little is known of how T varies from run to run (--repeats)"
    )
    assert compare_scores(scored(A), repeated(1.0, 1.1)).verdict.endswith(
        "of one repeat nothing is known of how T varies from run to run (--repeats)"
    )


def test_only_common_tasks_count_and_what_differs_is_listed() -> None:
    found = compare_scores(scored(rights("xx..")), scored(rights("xx"), dataset_hash="other"))
    assert (found.paired.common, found.only_a, found.only_b) == (2, 2, 0)
    assert found.differs == {"dataset_hash": ("h", "other")}
    drawn = scored(A, slice="all, temperature 0.7, seed 5")
    assert compare_scores(scored(A), drawn).differs == {"slice": ("all", drawn["slice"])}
    apart = compare_scores(scored({"a": True}), scored({"b": True}))
    assert apart.verdict == "no verdict: they were not asked the same tasks"
    assert apart.score_ratio is None


def test_degenerate_runs_have_no_ratio_rather_than_a_wrong_one() -> None:
    nothing = compare_scores(scored(rights("....")), scored(rights("x...")))
    assert (nothing.score_ratio, nothing.score_ratio_interval) == (None, None)
    assert nothing.verdict == (
        "no difference in correctness shown; no ratio can be taken from a Score of 0: "
        "N 0 -> 1 of 4 (gained 1, lost 0, p = 1), T x 1.00 (1.00 to 1.00); of one repeat nothing "
        "is known of how T varies from run to run (--repeats)"
    )
    instant = compare_scores(scored(A, wall_s=0.0), scored(A))
    assert instant.time_ratio is None
    unmeasured: Comparison = compare_scores(scored(A) | {"RAM_GB": None}, scored(A))
    assert unmeasured.score_ratio is None
    assert "Score x unknown" in unmeasured.verdict
