"""The leaderboard: every partition's fullest score, ranked, paired with the leader of its slice."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from darkwood_bench.scoring.paired import compare_paired

Row = Mapping[str, Any]
_SYSTEM = ("model", "prompt_variant", "prompt_variant_hash", "weights_sha256")


def fullest(kept: Iterable[Row], dataset_now: Callable[[Sequence[str]], str | None]) -> list[Row]:
    """Of each partition the score for the board, from those that it may show.

    That is the one of the most tasks, and of equally many the newest: a quick look at five tasks
    does not take the place of a whole run. It counts only where it is of the same prompt and
    weights as the partition's newest score, and of the dataset as it is now; `dataset_now` gives
    the hash of some suites as they are, None where they cannot be had.
    """
    partitions: dict[tuple[str, str], list[Row]] = {}
    for row in sorted(kept, key=lambda row: row["scored_at"]):
        if row["category"] == "all":
            partitions.setdefault((row["model"], row["prompt_variant"]), []).append(row)
    return [_fullest(rows, dataset_now) for rows in partitions.values()]


def _fullest(rows: Sequence[Row], dataset_now: Callable[[Sequence[str]], str | None]) -> Row:
    """Of one partition's scores, oldest first."""
    newest = best = rows[-1]
    for row in reversed(rows):
        if (
            row["n_tasks"] > best["n_tasks"]
            and all(row[name] == newest[name] for name in _SYSTEM)
            and row["dataset_hash"] in (newest["dataset_hash"], dataset_now(row["suites"]))
        ):
            best = row
    return best


def leaderboard_rows(scores: Iterable[Row]) -> list[dict[str, Any]]:
    """Rows of the table `leaderboard` from rows of `scores`.

    Scores are comparable only where the same tasks were asked in the same way: rows are ranked
    within a group of equal slice, dataset, mode, budgets and isolation level, the most tasks first.
    A row without a score has no rank and comes last: nothing was asked, or its memory, on
    somebody else's server, is not known.
    """
    whole = sorted((row for row in scores if row["category"] == "all"), key=_order)
    return [row for _, group in groupby(whole, key=_comparable) for row in _ranked(list(group))]


def _comparable(row: Row) -> tuple[Any, ...]:
    conditions = ("slice", "dataset_hash", "mode", "budgets", "isolation_level")
    return -row["n_tasks"], *(row[name] for name in conditions)


def _order(row: Row) -> tuple[Any, ...]:
    value = row["score"]
    return (
        *_comparable(row),
        value is None,
        -(value or 0.0),
        row["model"],
        row["prompt_variant"],
    )


def _ranked(group: list[Row]) -> list[dict[str, Any]]:
    leader = _by_task(group[0])
    rows = []
    for rank, row in enumerate(group, start=1):
        paired = compare_paired(_by_task(row), leader) if rank > 1 else None
        rows.append(
            {"rank": None if row["score"] is None else rank}
            | {name: value for name, value in row.items() if name != "category"}
            | {
                "gained": paired and paired.gained,
                "lost": paired and paired.lost,
                "p_value": paired and paired.p_value,
            }
        )
    return rows


def _by_task(row: Row) -> dict[str, bool]:
    return dict(zip(row["task_ids"], row["correct"], strict=True))
