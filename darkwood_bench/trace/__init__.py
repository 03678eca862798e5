"""From a score back to what it came from: the story of an answer, for terminals and browsers."""

from darkwood_bench.trace.cells import CellTables, cell_tables, scored_cells
from darkwood_bench.trace.lookup import find_answers
from darkwood_bench.trace.story import Answer, Line, Story, lines_of, story_of

__all__ = [
    "Answer",
    "CellTables",
    "Line",
    "Story",
    "cell_tables",
    "find_answers",
    "lines_of",
    "scored_cells",
    "story_of",
]
