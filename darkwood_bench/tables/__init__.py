"""The contract between stages: every Parquet table, column by column.

Times are in seconds and memory in bytes unless a name says otherwise. A stage builds its output
with `TABLE.frame(rows)`, which fixes names and dtypes; `pandera_schema(TABLE)` is the blocking
check that Dagster runs on what was written. pandera is imported only there: it costs a second.
"""

from darkwood_bench.tables.answered import (
    GENERATIONS,
    RUNS,
)
from darkwood_bench.tables.asked import (
    PROMPTS,
    TASKS,
)
from darkwood_bench.tables.columns import (
    DECODING,
    ENDPOINTS,
    MESSAGES,
)
from darkwood_bench.tables.judged import (
    DIFFERENCES,
    EXECUTIONS,
    VALIDATIONS,
)
from darkwood_bench.tables.schema import (
    Column,
    Table,
    pandera_schema,
)
from darkwood_bench.tables.scored import (
    LEADERBOARD,
    SCORES,
)
from darkwood_bench.tables.vocabulary import (
    CATEGORIES,
    FAILURE_CLASSES,
    INFRASTRUCTURE,
    MODES,
    NOISY_LOAD,
    QUALITY_FLAGS,
    STATUSES,
)

TABLES = {
    table.name: table
    for table in (
        TASKS,
        PROMPTS,
        GENERATIONS,
        RUNS,
        EXECUTIONS,
        VALIDATIONS,
        DIFFERENCES,
        SCORES,
        LEADERBOARD,
    )
}

__all__ = [
    "CATEGORIES",
    "DECODING",
    "DIFFERENCES",
    "ENDPOINTS",
    "EXECUTIONS",
    "FAILURE_CLASSES",
    "GENERATIONS",
    "INFRASTRUCTURE",
    "LEADERBOARD",
    "MESSAGES",
    "MODES",
    "NOISY_LOAD",
    "PROMPTS",
    "QUALITY_FLAGS",
    "RUNS",
    "SCORES",
    "STATUSES",
    "TABLES",
    "TASKS",
    "VALIDATIONS",
    "Column",
    "Table",
    "pandera_schema",
]
