"""Other people's questions: read, their gold run once, and written as a suite like any other."""

from darkwood_bench.tasks.importing.answers import Answer, Kind, RunOne, with_answers
from darkwood_bench.tasks.importing.rows import BadRow, Imported, read_questions
from darkwood_bench.tasks.importing.sources import Source
from darkwood_bench.tasks.importing.writing import (
    TABLES,
    all_sources,
    write_tables,
    write_tasks,
)

__all__ = [
    "TABLES",
    "Answer",
    "BadRow",
    "Imported",
    "Kind",
    "RunOne",
    "Source",
    "all_sources",
    "read_questions",
    "with_answers",
    "write_tables",
    "write_tasks",
]
