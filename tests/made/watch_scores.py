"""Scores of pretended nights, made by the real scoring."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from darkwood_bench.score_history import keep_score
from darkwood_bench.scoring import Answer, Costs, Provenance, score_rows
from darkwood_bench.tables import SCORES

START = datetime(2026, 11, 16, 2, tzinfo=UTC)


def keep(
    tables: str,
    hour: float,
    right: Sequence[bool],
    walls_s: Sequence[float],
    *,
    model: str = "m",
    variant: str = "v",
    other_load: float = 0.0,
    **provenance: Any,
) -> dict[str, Any]:
    """Keep a score that was made so many hours after the first night; returns its row."""
    made = Provenance(
        **{
            "model": model,
            "prompt_variant": variant,
            "slice": "all",
            "suites": ("s",),
            "backend": "b",
            "versions": "{}",
            "device": "d",
            "mode": "sequential",
            "budgets": "600 s",
            "isolation_level": "L3",
            "weights_sha256": "w",
            "prompt_variant_hash": "p",
            "dataset_hash": "h",
            "dagster_run_id": f"run of hour {hour:g}",
        }
        | provenance
    )
    answers = [
        Answer(f"s/t{n}", f"db{n % 8}", "joins", 1, f"g{n}", "c", ok, True, True, wall_s, True)
        for n, (ok, wall_s) in enumerate(zip(right, walls_s, strict=True))
    ]
    costs = Costs(0.0, 0, 0, other_load)
    rows = score_rows(answers, costs, made, START + timedelta(hours=hour))
    frame = SCORES.frame(rows)
    keep_score(tables, frame)
    return frame.row(0, named=True)
