from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from provenances import provenance

from darkwood_bench.scoring import (
    Answer,
    Costs,
    compare_paired,
    fullest,
    leaderboard_rows,
    score_rows,
    weakest,
)
from darkwood_bench.tables import LEADERBOARD, SCORES, pandera_schema

PROVENANCE = provenance(
    suites=("cards",), backend="scripted 1", device="cpu", weights_sha256="0" * 64
)
COSTS = Costs(2.0, peak_vram_bytes=0, peak_ram_bytes=2_000_000_000, other_load=0.01)
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def answers(outcomes: str, wall_s: float = 2.0) -> list[Answer]:
    """One answer a letter: j a correct join, d a correct date task, J and D wrong ones."""
    categories = {"j": "joins", "d": "dates"}
    return [
        Answer(
            f"t{n}",
            f"database {n % 2}",
            categories[letter.lower()],
            n % 3,
            f"g{n}",
            f"c{n}",
            letter.islower(),
            letter.islower(),
            True,
            wall_s,
            True,
        )
        for n, letter in enumerate(outcomes)
    ]


def scored(outcomes: str, **changes: Any) -> list[dict[str, Any]]:
    wall_s = changes.pop("wall_s", 2.0)
    return score_rows(answers(outcomes, wall_s), COSTS, replace(PROVENANCE, **changes), NOW)


def test_the_whole_and_each_category_have_a_row() -> None:
    rows = scored("jJdj")
    pandera_schema(SCORES).validate(SCORES.frame(rows))
    assert [(row["category"], row["N"], row["n_tasks"], row["T"]) for row in rows] == [
        ("all", 3, 4, 8.0),
        ("dates", 1, 1, 2.0),
        ("joins", 2, 3, 6.0),
        ("difficulty 0", 2, 2, 4.0),
        ("difficulty 1", 0, 1, 2.0),
        ("difficulty 2", 1, 1, 2.0),
    ]
    assert [row["n_base_only"] for row in rows] == [1, 0, 1, 0, 1, 0]
    whole = rows[0]
    assert whole["score"] == pytest.approx(3 / (8 * 2**0.01))
    assert whole["score_low"] <= whole["score"] <= whole["score_high"]
    assert whole["VRAM_GB"] == 0
    assert whole["RAM_GB_low"] is None


def test_a_run_without_tasks_is_a_row_without_a_score() -> None:
    (row,) = scored("")
    assert (row["N"], row["n_tasks"], row["score"], row["score_low"]) == (0, 0, None, None)
    pandera_schema(SCORES).validate(SCORES.frame([row]))


def test_the_id_follows_the_answers_and_not_the_clock() -> None:
    first = scored("jD")[0]["score_id"]
    assert scored("jD", dagster_run_id="other")[0]["score_id"] == first
    assert scored("jd")[0]["score_id"] != first
    assert scored("jD", dataset_hash="e")[0]["score_id"] != first


def test_the_board_ranks_by_score_and_pairs_with_the_leader() -> None:
    rows = leaderboard_rows(
        [
            *scored("jjDD", prompt_variant="slow", wall_s=9.0),
            *scored("jjDd", prompt_variant="best"),
            *scored("JJDd", prompt_variant="worst"),
        ]
    )
    pandera_schema(LEADERBOARD).validate(LEADERBOARD.frame(rows))
    assert [(row["rank"], row["prompt_variant"]) for row in rows] == [
        (1, "best"),
        (2, "worst"),
        (3, "slow"),
    ]
    assert rows[0]["p_value"] is None
    assert (rows[1]["gained"], rows[1]["lost"]) == (0, 2)


def test_memory_that_nobody_measured_is_no_score_and_no_rank() -> None:
    elsewhere = Costs(0.0, peak_vram_bytes=None, peak_ram_bytes=None, other_load=0.0)
    best = score_rows(answers("jjjd"), elsewhere, replace(PROVENANCE, model="hosted"), NOW)
    pandera_schema(SCORES).validate(SCORES.frame(best))
    assert (best[0]["N"], best[0]["score"], best[0]["score_low"]) == (4, None, None)
    board = leaderboard_rows([*best, *scored("jDjd")])
    assert [(row["model"], row["rank"]) for row in board] == [("m", 1), ("hosted", None)]
    assert (board[1]["gained"], board[1]["VRAM_GB"]) == (1, None)
    pandera_schema(LEADERBOARD).validate(LEADERBOARD.frame(board))


def test_different_slices_are_ranked_apart_the_larger_first() -> None:
    rows = leaderboard_rows(
        [*scored("jj", slice="limit 2", prompt_variant="a"), *scored("jjDD", prompt_variant="b")]
    )
    assert [(row["slice"], row["rank"]) for row in rows] == [("all", 1), ("limit 2", 1)]


def kept(outcomes: str, day: int, **changes: Any) -> dict[str, Any]:
    return scored(outcomes, **changes)[0] | {"scored_at": NOW + timedelta(days=day)}


def test_a_smaller_run_does_not_take_the_place_of_a_fuller_one() -> None:
    def shown(*rows: dict[str, Any], now: str | None = "h") -> list[tuple[int, int]]:
        return [(row["n_tasks"], row["N"]) for row in fullest(rows, lambda suites: now)]

    whole, again, slice_ = kept("jjDD", 0), kept("jDDD", 1), kept("jj", 2, slice="limit 2")
    assert shown(whole, slice_) == [(4, 2)]
    assert shown(slice_, again, whole) == [(4, 1)]  # the newest of equals
    assert shown(whole, kept("jjDDd", 3)) == [(5, 3)]
    # A slice of fewer suites has another hash, and the whole is still of the data as they are.
    assert shown(whole, kept("jj", 2, dataset_hash="of one suite")) == [(4, 2)]
    other = kept("jj", 2, dataset_hash="of one suite")
    assert shown(whole, other, now="changed") == [(2, 2)]
    assert shown(whole, other, now=None) == [(2, 2)]
    # Another prompt or other weights under the same name are another system.
    assert shown(whole, kept("jj", 2, prompt_variant_hash="q")) == [(2, 2)]
    assert shown(whole, kept("jj", 2, weights_sha256="1" * 64)) == [(2, 2)]


def test_each_partition_is_looked_at_by_itself() -> None:
    rows = [kept("jjDD", 0), kept("j", 1, prompt_variant="w"), kept("jj", 2)]
    board = fullest(rows, lambda suites: "h")
    assert [(row["prompt_variant"], row["n_tasks"]) for row in board] == [("v", 4), ("w", 1)]


def test_mcnemar_is_the_exact_two_sided_binomial() -> None:
    one = {f"t{n}": n < 9 for n in range(12)}
    other = {f"t{n}": n >= 8 for n in range(12)}  # 8 gained, 3 lost, 1 both
    paired = compare_paired(one, other)
    assert (paired.common, paired.gained, paired.lost) == (12, 8, 3)
    assert paired.p_value == pytest.approx(2 * 232 / 2048)  # (1 + 11 + 55 + 165) / 2^11, doubled
    assert compare_paired(one, one).p_value == 1


def test_only_tasks_that_both_were_asked_are_compared() -> None:
    assert compare_paired({"a": True, "b": True}, {"b": False, "c": False}).common == 1


def test_the_weakest_level_stands_for_all() -> None:
    assert weakest(["L3", "L1", "L3"]) == "L1"
    assert weakest([]) == "none"
