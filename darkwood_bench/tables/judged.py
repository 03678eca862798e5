"""What becomes of the code: how it ran, whether it is right, how it differs."""

import polars as pl

from darkwood_bench.tables.columns import BOOL, FLOAT, INT, NAMES, STR
from darkwood_bench.tables.schema import Column, Table
from darkwood_bench.tables.vocabulary import FAILURE_CLASSES, STATUSES

EXECUTIONS = Table(
    "executions",
    "What the code did when it was run, apart from the model and without the gold answer.",
    ("generation_id", "task_id", "data_variant"),
    {
        "generation_id": Column(STR, "the generation whose code ran"),
        "task_id": Column(STR, "the task"),
        "data_variant": Column(STR, "which variant of the database; base is the plain one"),
        "tables_hash": Column(STR, "hash of the contents of the tables that the code was given"),
        "status": Column(STR, "how it ended", allowed=STATUSES),
        "error_class": Column(STR, "the exception's class", True),
        "error_message": Column(STR, "the exception's text, capped", True),
        "error_line": Column(INT, "the line of the code that raised", True, minimum=1),
        "wall_s": Column(FLOAT, "wall time of the code", minimum=0),
        "cpu_s": Column(FLOAT, "CPU time of the process", minimum=0),
        "peak_memory_bytes": Column(INT, "peak memory of the process", minimum=0),
        "rows": Column(INT, "rows of the result", True, minimum=0),
        "columns": Column(INT, "columns of the result", True, minimum=0),
        "result_hash": Column(STR, "names the stored result", True),
        "stdout_tail": Column(STR, "the end of what it printed"),
        "isolation_level": Column(STR, "L3 (strongest) to L0"),
    },
)

VALIDATIONS = Table(
    "validations",
    "Whether it is right: the result against gold, and why not.",
    ("generation_id", "task_id"),
    {
        "generation_id": Column(STR, "the generation"),
        "task_id": Column(STR, "the task"),
        "level": Column(INT, "0 no code, 1 parses, 2 runs, 3 correct, 4 correct and efficient"),
        "correct": Column(BOOL, "the result equals gold on every data variant"),
        "correct_ignoring_names": Column(BOOL, "equal when columns are matched by content"),
        "correct_on_base": Column(BOOL, "the result equals gold on the base data"),
        "caught_by": Column(NAMES, "data variants that tell an answer from gold, base does not"),
        "mismatch": Column(STR, "the difference from gold, in words", True),
        "failure_class": Column(STR, "exactly one, unless correct", True, FAILURE_CLASSES),
        "failure_detail": Column(STR, "the name that does not exist, and what it mimics", True),
        "quality_flags": Column(NAMES, "how it misuses the engine"),
        "dataset_hash": Column(STR, "hash of the tasks and tables it was judged by"),
        "variants_hash": Column(STR, "hash of the data variants of these tables"),
        "cpu_ratio_to_gold": Column(FLOAT, "CPU time over gold's, where correct", True, minimum=0),
        "cpu_ratio_low": Column(FLOAT, "the lowest such ratio of one turn", True, minimum=0),
        "cpu_ratio_high": Column(FLOAT, "the highest such ratio of one turn", True, minimum=0),
        "cpu_noise": Column(FLOAT, "the ratio of gold to gold by chance", True, minimum=1),
        "memory_ratio_to_gold": Column(FLOAT, "peak memory over gold's", True, minimum=0),
        "memory_ratio_low": Column(FLOAT, "the lowest such ratio of one turn", True, minimum=0),
        "memory_ratio_high": Column(FLOAT, "the highest such ratio of one turn", True, minimum=0),
        "memory_noise": Column(FLOAT, "the same of memory, gold to gold", True, minimum=1),
        "r_ves": Column(FLOAT, "BIRD's R-VES reward (arXiv:2305.03111)", True, minimum=0),
        "beyond": Column(FLOAT, "Mercury's Beyond (arXiv:2402.07844)", True, minimum=0),
    },
)

_PAIR = pl.Struct(
    {
        "expected_row": pl.Int64(),
        "got_row": pl.Int64(),
        "expected": NAMES,
        "got": NAMES,
        "differs": pl.List(pl.Boolean()),
    }
)

DIFFERENCES = Table(
    "differences",
    "Each result beside gold: the rows and cells that tell them apart, and the head of gold.",
    ("generation_id", "task_id"),
    {
        "generation_id": Column(STR, "the generation"),
        "task_id": Column(STR, "the task"),
        "data_variant": Column(STR, "the data variant whose execution made the verdict"),
        "expected_rows": Column(INT, "rows of gold there", minimum=0),
        "got_rows": Column(INT, "rows of the result there; null without one", True, minimum=0),
        "columns": Column(
            pl.List(pl.Struct({"name": pl.String(), "expected": pl.String(), "got": pl.String()})),
            "columns of gold, then of the result alone, with the dtype of each side; null where a "
            "side has no such column",
        ),
        "more_columns": Column(INT, "columns that are left out", minimum=0),
        "pairs": Column(
            pl.List(_PAIR),
            "rows of gold without a counterpart, each beside its likeliest one, then rows of the "
            "result alone; none for a correct answer. Rows count from 1, cells are texts",
        ),
        "more_expected": Column(INT, "such rows of gold that are left out", minimum=0),
        "more_got": Column(INT, "such rows of the result that are left out", minimum=0),
        "gold_columns": Column(NAMES, "columns of gold"),
        "gold_head": Column(pl.List(NAMES), "the first rows of gold over the base data"),
        "gold_rows": Column(INT, "rows of gold over the base data", minimum=0),
    },
)
