"""What the pages over all systems show; each function gives a template's values, from contents."""

from darkwood_bench.report.overviews.categories import categories
from darkwood_bench.report.overviews.cost import cost
from darkwood_bench.report.overviews.effects import prompts
from darkwood_bench.report.overviews.failures import failures
from darkwood_bench.report.overviews.history import history
from darkwood_bench.report.overviews.leaderboard import leaderboard, unranked
from darkwood_bench.report.overviews.questions import tasks

__all__ = [
    "categories",
    "cost",
    "failures",
    "history",
    "leaderboard",
    "prompts",
    "tasks",
    "unranked",
]
