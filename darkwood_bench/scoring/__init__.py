"""What it is worth: the score formula, its intervals, the paired comparison of runs."""

from darkwood_bench.scoring.board import fullest, leaderboard_rows
from darkwood_bench.scoring.bootstrap import Spread, bootstrap_quotient, bootstrap_rate
from darkwood_bench.scoring.comparison import ALPHA, Comparison, compare_scores
from darkwood_bench.scoring.formula import GB, score
from darkwood_bench.scoring.intervals import Interval, wilson
from darkwood_bench.scoring.paired import Paired, compare_paired
from darkwood_bench.scoring.partition import Answer, Costs, Provenance, score_rows, weakest
from darkwood_bench.scoring.pass_at_k import pass_at_k
from darkwood_bench.scoring.regression import Tolerance, answers_lost, losses, score_lost
from darkwood_bench.scoring.samples import Samples, samples_of

__all__ = [
    "ALPHA",
    "GB",
    "Answer",
    "Comparison",
    "Costs",
    "Interval",
    "Paired",
    "Provenance",
    "Samples",
    "Spread",
    "Tolerance",
    "answers_lost",
    "bootstrap_quotient",
    "bootstrap_rate",
    "compare_paired",
    "compare_scores",
    "fullest",
    "leaderboard_rows",
    "losses",
    "pass_at_k",
    "samples_of",
    "score",
    "score_lost",
    "score_rows",
    "weakest",
    "wilson",
]
