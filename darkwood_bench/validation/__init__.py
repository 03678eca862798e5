"""Is it right: comparison with gold, levels, failure classes, how well the engine is used."""

from darkwood_bench.validation.compare import compare_frames
from darkwood_bench.validation.difference import Mismatch
from darkwood_bench.validation.efficiency import Efficiency, beyond
from darkwood_bench.validation.failure import INFRASTRUCTURE, Failure, Outcome, classify
from darkwood_bench.validation.levels import MAX_CPU_RATIO, level
from darkwood_bench.validation.quality import quality_flags
from darkwood_bench.validation.side_by_side import SideBySide, head, side_by_side
from darkwood_bench.validation.validate import (
    Rules,
    Trial,
    Verdict,
    judge,
    validation_row,
)

__all__ = [
    "INFRASTRUCTURE",
    "MAX_CPU_RATIO",
    "Efficiency",
    "Failure",
    "Mismatch",
    "Outcome",
    "Rules",
    "SideBySide",
    "Trial",
    "Verdict",
    "beyond",
    "classify",
    "compare_frames",
    "head",
    "judge",
    "level",
    "quality_flags",
    "side_by_side",
    "validation_row",
]
