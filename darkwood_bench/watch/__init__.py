"""Has it become worse: accepted scores, a newer score held against them, and who is told."""

from darkwood_bench.watch.alerts import Alerts, regression_alert, run_failure_alert
from darkwood_bench.watch.baselines import Accepted, accept, accepted_scores, baseline_of
from darkwood_bench.watch.judging import NIGHTLY, State, Verdict, judge_score, watched_partitions

__all__ = [
    "NIGHTLY",
    "Accepted",
    "Alerts",
    "State",
    "Verdict",
    "accept",
    "accepted_scores",
    "baseline_of",
    "judge_score",
    "regression_alert",
    "run_failure_alert",
    "watched_partitions",
]
