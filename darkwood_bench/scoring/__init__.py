"""What it is worth: the score formula, its intervals, the paired comparison of runs."""

from darkwood_bench.scoring.board import leaderboard_rows
from darkwood_bench.scoring.formula import GB, score
from darkwood_bench.scoring.intervals import Interval, bootstrap_ratio, wilson
from darkwood_bench.scoring.paired import Paired, compare_paired
from darkwood_bench.scoring.partition import Answer, Costs, Provenance, score_rows, weakest

__all__ = [
    "GB",
    "Answer",
    "Costs",
    "Interval",
    "Paired",
    "Provenance",
    "bootstrap_ratio",
    "compare_paired",
    "leaderboard_rows",
    "score",
    "score_rows",
    "weakest",
    "wilson",
]
