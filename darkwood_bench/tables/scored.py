"""What it is worth: scores, and the board of them."""

import polars as pl

from darkwood_bench.tables.columns import FLOAT, INT, NAMES, OTHER_LOAD, STR, TIME
from darkwood_bench.tables.schema import Column, Table


def _with_interval(name: str, column: Column) -> dict[str, Column]:
    """A figure and the low and high end of its 95 % interval; null where it was not estimated."""
    ends = {
        f"{name}_{end}": Column(FLOAT, f"{end} end of the 95 % interval of {name}", True)
        for end in ("low", "high")
    }
    return {name: column, **ends}


_SCORE_COLUMNS = {
    "score_id": Column(STR, "hash of everything that the score depends on"),
    "model": Column(STR, "the model"),
    "prompt_variant": Column(STR, "the prompt variant"),
    "category": Column(STR, "'all', one category of tasks, or 'difficulty' and its number"),
    "slice": Column(STR, "which tasks were asked: all, quick, or 'limit n'"),
    "suites": Column(NAMES, "the suites that tasks are from"),
    "n_tasks": Column(INT, "tasks asked", minimum=0),
    **_with_interval("N", Column(INT, "tasks answered correctly", minimum=0)),
    "n_ignoring_names": Column(INT, "tasks correct but for column names", minimum=0),
    "n_base_only": Column(INT, "tasks right on the base data alone, and so wrong", minimum=0),
    "n_unverified": Column(INT, "tasks asked whose gold no oracle confirms", minimum=0),
    **_with_interval("accuracy", Column(FLOAT, "N over tasks", minimum=0)),
    **_with_interval("T", Column(FLOAT, "seconds from request to final code, summed", minimum=0)),
    **_with_interval("VRAM_GB", Column(FLOAT, "peak GPU memory in 1e9 bytes", True, minimum=0)),
    **_with_interval("RAM_GB", Column(FLOAT, "peak memory in 1e9 bytes", True, minimum=0)),
    **_with_interval(
        "score",
        Column(FLOAT, "N / (T × VRAM^0.1 × RAM^0.01), memories floored at 1", True, minimum=0),
    ),
    "load_s": Column(FLOAT, "loading the weights, not part of T", minimum=0),
    "other_load": Column(FLOAT, OTHER_LOAD, True),
    "backend": Column(STR, "backend and the version of its engine"),
    "versions": Column(STR, "library versions, as JSON"),
    "device": Column(STR, "GPU or CPU model that generated"),
    "mode": Column(STR, "sequential or batched"),
    "budgets": Column(STR, "what an answer could cost at most: '600 s', 'RAM 6 GB, 20 s'"),
    "isolation_level": Column(STR, "the weakest level that code ran under"),
    "weights_sha256": Column(STR, "SHA-256 of the weights"),
    "prompt_variant_hash": Column(STR, "hash of the variant's registry entry"),
    "dataset_hash": Column(STR, "hash of the tasks and tables asked"),
    "task_ids": Column(NAMES, "the tasks asked, in order"),
    "databases": Column(NAMES, "the database that each of them is over"),
    "generation_ids": Column(NAMES, "the generation that answers each of them"),
    "code_hashes": Column(NAMES, "hash of each answer's code; null without code"),
    "correct": Column(pl.List(pl.Boolean()), "whether each of them was answered correctly"),
    "wall_s": Column(pl.List(pl.Float64()), "the time that each of them has in T"),
    "repeat_s": Column(
        pl.List(pl.List(pl.Float64())), "the same in each repeat of the run; wall_s is the mean"
    ),
    "dagster_run_id": Column(STR, "the Dagster run that generated"),
    "scored_at": Column(TIME, "when the score was made"),
}

SCORES = Table(
    "scores",
    "What a partition is worth: one row for all its tasks and one for each category.",
    ("model", "prompt_variant", "category"),
    _SCORE_COLUMNS,
)

LEADERBOARD = Table(
    "leaderboard",
    "Every partition's score of its fullest run, best first, each paired task by task with the "
    "leader.",
    ("model", "prompt_variant"),
    {
        "rank": Column(INT, "1 is the best score of its slice; null without one", True, minimum=1),
        **{name: column for name, column in _SCORE_COLUMNS.items() if name != "category"},
        "gained": Column(INT, "tasks that it has right and the leader wrong", True, minimum=0),
        "lost": Column(INT, "tasks that it has wrong and the leader right", True, minimum=0),
        "p_value": Column(FLOAT, "McNemar's exact test of the two", True, minimum=0),
    },
)
