"""Is it right: comparison with gold, levels, failure classes, how well the engine is used."""

from darkwood_bench.validation.compare import compare_frames
from darkwood_bench.validation.difference import Mismatch

__all__ = ["Mismatch", "compare_frames"]
