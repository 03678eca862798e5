"""The contract between stages: every Parquet table, column by column.

Times are in seconds and memory in bytes unless a name says otherwise. A stage builds its output
with `TABLE.frame(rows)`, which fixes names and dtypes; `pandera_schema(TABLE)` is the blocking
check that Dagster runs on what was written. pandera is imported only there: it costs a second.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from pandera.polars import DataFrameSchema

CATEGORIES = (
    "selection",
    "filters",
    "aggregations",
    "joins",
    "window functions",
    "nulls",
    "strings",
    "dates",
    "reshaping",
    "ranking",
    "pipelines",
    "edge cases",
)
"""What a query is about; datasets/README.md says what belongs where."""
STATUSES = (
    "ok",
    "syntax_error",
    "runtime_error",
    "no_result",
    "wrong_type",
    "exited_early",
    "timeout",
    "cpu_limit",
    "oom",
    "output_limit",
    "result_too_large",
    "forbidden_syscall",
    "payload_invalid",
    "crash",
    "killed",
    "setup_failed",
    "zygote_lost",
    "not_run",
)
"""What an execution can end as. `not_run`: there was no code to run."""
MODES = ("sequential", "batched")
"""One request at a time, or all at once."""
NOISY_LOAD = 0.05
"""Share of the cores in other hands beyond which a T is worth a warning."""
INFRASTRUCTURE = ("setup_failed", "zygote_lost")
"""Statuses that say nothing of the code: done again, and never charged to the model."""
FAILURE_CLASSES = (
    "no_code",
    "syntax_error",
    "unknown_table",
    "unknown_column",
    "unknown_method",
    "bad_argument",
    "type_error",
    "no_result",
    "resource_limit",
    "sandbox_violation",
    "wrong_columns",
    "wrong_dtype",
    "wrong_row_count",
    "wrong_values",
    "wrong_order",
)
QUALITY_FLAGS = ("python_fallback", "deprecated_api", "needless_collect", "cross_join_filter")


@dataclass(frozen=True)
class Column:
    """One column: what it holds and which values may stand in it."""

    dtype: pl.DataType
    about: str
    nullable: bool = False
    allowed: tuple[str, ...] = ()
    """The only values, where they are a closed list."""
    minimum: float | None = None


@dataclass(frozen=True)
class Table:
    """One table: its columns in order, and the columns that name a row."""

    name: str
    about: str
    key: tuple[str, ...]
    columns: Mapping[str, Column] = field(repr=False)

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Column names and dtypes, as Polars takes them."""
        return {name: column.dtype for name, column in self.columns.items()}

    def frame(self, rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
        """Rows as a frame of exactly this table's columns.

        Raises KeyError for a row that lacks a column or has one that the table does not know, and
        TypeError (Polars) for a value of another type.
        """
        rows = list(rows)
        for row in rows:
            if different := row.keys() ^ self.columns.keys():
                raise KeyError(f"table {self.name}: row and table differ in {sorted(different)}")
        return pl.DataFrame(rows, schema=self.schema, orient="row", strict=True)


def pandera_schema(table: Table) -> "DataFrameSchema":
    """The pandera schema of a table: dtypes, nulls, closed lists, minima, a unique key."""
    import pandera.polars as pa

    def column(spec: Column) -> Any:
        checks = []
        if spec.allowed:
            checks.append(pa.Check.isin(list(spec.allowed)))
        if spec.minimum is not None:
            checks.append(pa.Check.ge(spec.minimum))
        return pa.Column(spec.dtype, checks=checks, nullable=spec.nullable)

    return pa.DataFrameSchema(
        {name: column(spec) for name, spec in table.columns.items()},
        unique=list(table.key),
        strict=True,
        name=table.name,
    )


_STR = pl.String()
_INT = pl.Int64()
_FLOAT = pl.Float64()
_BOOL = pl.Boolean()
_NAMES = pl.List(pl.String())
_TIME = pl.Datetime("us", "UTC")

MESSAGES = pl.List(pl.Struct({"role": pl.String(), "content": pl.String()}))
DECODING = pl.Struct(
    {
        "temperature": pl.Float64(),
        "max_tokens": pl.Int64(),
        "seed": pl.Int64(),
        "context": pl.Int64(),
        "threads": pl.Int64(),
        "stop": pl.List(pl.String()),
    }
)

ENDPOINTS = pl.List(
    pl.Struct(
        {
            "endpoint": pl.String(),
            "answers": pl.Int64(),
            "failed_tries": pl.Int64(),
            "completion_tokens": pl.Int64(),
            "wall_s": pl.Float64(),
        }
    )
)

TASKS = Table(
    "tasks",
    "What is asked: questions over tables, each with a gold answer and an independent oracle.",
    ("task_id",),
    {
        "task_id": Column(_STR, "suite/name, unique over all suites"),
        "suite": Column(_STR, "the folder under datasets/ that the task is from"),
        "database": Column(_STR, "the database that the suite's tables are from"),
        "split": Column(_STR, "test, or examples (for few-shot)", allowed=("test", "examples")),
        "question": Column(_STR, "the request, as a person words it"),
        "tables": Column(_NAMES, "the tables that the code finds loaded, in order"),
        "output_columns": Column(_NAMES, "the names of the columns of the gold result"),
        "ordered": Column(_BOOL, "whether the order of rows is part of the answer"),
        "order_by": Column(_NAMES, "the output columns that fix the order; empty when unordered"),
        "ignore_names": Column(_BOOL, "whether columns are matched by content, not by name"),
        "category": Column(_STR, "what kind of query it is", allowed=CATEGORIES),
        "difficulty": Column(_INT, "1 (one step) to 5 (a pipeline)", minimum=1),
        "gold_code": Column(_STR, "Polars code that assigns the right answer to `result`"),
        "oracle_sql": Column(_STR, "DuckDB SQL, written apart, that gives the same answer", True),
        "verified": Column(_BOOL, "whether gold and oracle were found to agree, as they are now"),
        "source": Column(_STR, "file:line that the task was read from"),
        "dataset_hash": Column(_STR, "hash of the suite's tasks and of its tables' contents"),
    },
)

PROMPTS = Table(
    "prompts",
    "How it is asked: the chat messages of a task under a prompt variant.",
    ("prompt_id", "task_id"),
    {
        "prompt_id": Column(_STR, "hash of the messages"),
        "task_id": Column(_STR, "the task"),
        "prompt_variant": Column(_STR, "the variant's name in the registry"),
        "messages": Column(MESSAGES, "role and content, in order"),
        "example_task_ids": Column(_NAMES, "the worked examples shown, in order"),
        "grammar": Column(_STR, "the GBNF that the answer must follow, where there is one", True),
        "grammar_hash": Column(_STR, "hash of the decoding grammar, where there is one", True),
        "prompt_variant_hash": Column(_STR, "hash of the variant's registry entry"),
    },
)

GENERATIONS = Table(
    "generations",
    "What the model answered. One row an attempt; a task's last attempt is its answer.",
    ("generation_id", "task_id"),
    {
        "generation_id": Column(_STR, "hash of prompt, weights, backend, decoding, …"),
        "prompt_id": Column(_STR, "the prompt"),
        "task_id": Column(_STR, "the task"),
        "model": Column(_STR, "the model's name in the registry"),
        "prompt_variant": Column(_STR, "the variant's name in the registry"),
        "attempt": Column(_INT, "1 for the first answer", minimum=1),
        "raw_text": Column(_STR, "the model's text as it came; empty when it failed"),
        "code": Column(
            _STR, "the code taken out of it and repaired; null when there is none", True
        ),
        "rewrites": Column(_NAMES, "what static repair did: groupby -> group_by"),
        "problem": Column(_STR, "what failed over empty tables, where that was tried", True),
        "feedback": Column(_STR, "what the model was told of the attempt before", True),
        "prompt_tokens": Column(_INT, "tokens of the prompt, cached ones too", True, minimum=0),
        "cached_tokens": Column(_INT, "prompt tokens that were not read again", True, minimum=0),
        "completion_tokens": Column(_INT, "tokens generated", True, minimum=0),
        "ttft_s": Column(_FLOAT, "request to first token", True, minimum=0),
        "wall_s": Column(_FLOAT, "request to final code, on the caller's clock", minimum=0),
        "finish_s": Column(
            _FLOAT, "of wall_s, text to final code: static repair, the dry run", True, minimum=0
        ),
        "t_s": Column(_FLOAT, "its part of T: the mean of repeat_s", minimum=0),
        "repeat_s": Column(
            pl.List(pl.Float64()),
            "its part of T in each repeat: wall_s, or an equal part of the batch's wall time",
        ),
        "finish_reason": Column(_STR, "stop, length or error", allowed=("stop", "length", "error")),
        "error": Column(_STR, "why there is no text, where there is none", True),
        "error_kind": Column(_STR, "the same in a word: timeout, over_ram, worker_crash, …", True),
        "endpoint": Column(_STR, "the server that answered, of several", True),
        "failed_at": Column(_NAMES, "servers that had failed at it before, one a try"),
        "mode": Column(_STR, "asked alone, or with all others", allowed=MODES),
        "backend": Column(_STR, "backend and the version of its engine"),
        "weights_sha256": Column(_STR, "SHA-256 of the weights"),
        "decoding": Column(DECODING, "how tokens were chosen, and the engine's settings"),
    },
)

_OTHER_LOAD = (
    "share of the cores that other processes had over T: 0 on a quiet machine; null if the model "
    "answered elsewhere"
)

RUNS = Table(
    "runs",
    "What the generations cost: one row a partition, from the journal's own measurements.",
    ("model", "prompt_variant"),
    {
        "model": Column(_STR, "the model"),
        "prompt_variant": Column(_STR, "the prompt variant"),
        "slice": Column(_STR, "which tasks were asked: all, quick, or 'limit n'"),
        "suites": Column(_NAMES, "the suites that tasks are from"),
        "n_generations": Column(_INT, "attempts, all tasks and repeats together", minimum=0),
        "n_reused": Column(_INT, "attempts taken from the journal", minimum=0),
        "n_errors": Column(
            _INT, "tasks whose answer has no text, in the repeat that is judged", minimum=0
        ),
        "n_over_budget": Column(_INT, "of these, stopped for their time or memory", minimum=0),
        "load_s": Column(_FLOAT, "loading the weights, not part of T", minimum=0),
        "total_s": Column(
            _FLOAT,
            "T: the sum of wall_s over tasks, or in batched mode the wall time of the batch from "
            "its start to its last answer; the mean of the repeats",
            minimum=0,
        ),
        "endpoints": Column(
            ENDPOINTS,
            "of several servers each one's answers, the tries that failed there, the tokens it "
            "generated and the seconds of its answers from request to text; empty otherwise",
        ),
        "repeats": Column(_INT, "how often every prompt was asked", minimum=1),
        "repeat_total_s": Column(pl.List(pl.Float64()), "T of each repeat"),
        "repeat_cpu_s": Column(
            pl.List(pl.Float64()),
            "CPU seconds of the processes that made the answers of each repeat, over all cores; "
            "beside T, it tells the model's own work from waiting; null if unmeasured",
            True,
        ),
        "prompt_tokens": Column(_INT, "tokens of all prompts, cached ones too", minimum=0),
        "cached_tokens": Column(_INT, "of these, tokens that were not read again", minimum=0),
        "completion_tokens": Column(_INT, "tokens generated", minimum=0),
        "cost": Column(
            _FLOAT, "of one repeat's tokens at the registry's prices; null without", True, minimum=0
        ),
        "peak_vram_bytes": Column(
            _INT,
            "peak GPU memory of the generating process tree, as NVML counts it; null if unmeasured",
            True,
            minimum=0,
        ),
        "allocated_vram_bytes": Column(
            _INT, "the same as the engine counts it, where it does", True, minimum=0
        ),
        "peak_ram_bytes": Column(
            _INT,
            "peak resident memory of the generating process tree (VmHWM); null if unmeasured",
            True,
            minimum=0,
        ),
        "dry_run_bytes": Column(
            _INT,
            "peak memory of a program in a dry run, on top of its sandbox: not in peak_ram_bytes, "
            "which is the model's; null without dry runs",
            True,
            minimum=0,
        ),
        "energy_j": Column(_FLOAT, "joules of the GPU over T, where it counts them", True),
        "other_load": Column(_FLOAT, _OTHER_LOAD, True),
        "device": Column(_STR, "GPU or CPU model that generated"),
        "cpu": Column(_STR, "CPU model and its usable cores"),
        "driver": Column(_STR, "GPU driver version, where there is a GPU", True),
        "gpu_clock_low_mhz": Column(_INT, "lowest clock of the GPU at work", True),
        "gpu_clock_high_mhz": Column(_INT, "highest clock of the GPU at work", True),
        "throttling": Column(_NAMES, "what held the GPU's clock back at work"),
        "versions": Column(_STR, "library versions, as JSON"),
        "mode": Column(_STR, "one request at a time, or all at once", allowed=MODES),
        "backend": Column(_STR, "backend and the version of its engine"),
        "weights_sha256": Column(_STR, "SHA-256 of the weights"),
        "max_ram_bytes": Column(_INT, "limit of resident memory, where one was set", True),
        "max_vram_bytes": Column(_INT, "limit of GPU memory, where one was set", True),
        "max_seconds": Column(_FLOAT, "limit of one answer's time", minimum=0),
        "dagster_run_id": Column(_STR, "the Dagster run that wrote this row"),
    },
)

EXECUTIONS = Table(
    "executions",
    "What the code did when it was run, apart from the model and without the gold answer.",
    ("generation_id", "task_id", "data_variant"),
    {
        "generation_id": Column(_STR, "the generation whose code ran"),
        "task_id": Column(_STR, "the task"),
        "data_variant": Column(_STR, "which variant of the database; base is the plain one"),
        "tables_hash": Column(_STR, "hash of the contents of the tables that the code was given"),
        "status": Column(_STR, "how it ended", allowed=STATUSES),
        "error_class": Column(_STR, "the exception's class", True),
        "error_message": Column(_STR, "the exception's text, capped", True),
        "error_line": Column(_INT, "the line of the code that raised", True, minimum=1),
        "wall_s": Column(_FLOAT, "wall time of the code", minimum=0),
        "cpu_s": Column(_FLOAT, "CPU time of the process", minimum=0),
        "peak_memory_bytes": Column(_INT, "peak memory of the process", minimum=0),
        "rows": Column(_INT, "rows of the result", True, minimum=0),
        "columns": Column(_INT, "columns of the result", True, minimum=0),
        "result_hash": Column(_STR, "names the stored result", True),
        "stdout_tail": Column(_STR, "the end of what it printed"),
        "isolation_level": Column(_STR, "L3 (strongest) to L0"),
    },
)

VALIDATIONS = Table(
    "validations",
    "Whether it is right: the result against gold, and why not.",
    ("generation_id", "task_id"),
    {
        "generation_id": Column(_STR, "the generation"),
        "task_id": Column(_STR, "the task"),
        "level": Column(_INT, "0 no code, 1 parses, 2 runs, 3 correct, 4 correct and efficient"),
        "correct": Column(_BOOL, "the result equals gold on every data variant"),
        "correct_ignoring_names": Column(_BOOL, "equal when columns are matched by content"),
        "correct_on_base": Column(_BOOL, "the result equals gold on the base data"),
        "caught_by": Column(_NAMES, "data variants that tell an answer from gold, base does not"),
        "mismatch": Column(_STR, "the difference from gold, in words", True),
        "failure_class": Column(_STR, "exactly one, unless correct", True, FAILURE_CLASSES),
        "failure_detail": Column(_STR, "the name that does not exist, and what it mimics", True),
        "quality_flags": Column(_NAMES, "how it misuses the engine"),
        "dataset_hash": Column(_STR, "hash of the tasks and tables it was judged by"),
        "variants_hash": Column(_STR, "hash of the data variants of these tables"),
        "cpu_ratio_to_gold": Column(_FLOAT, "CPU time over gold's, where correct", True, minimum=0),
        "cpu_ratio_low": Column(_FLOAT, "the lowest such ratio of one turn", True, minimum=0),
        "cpu_ratio_high": Column(_FLOAT, "the highest such ratio of one turn", True, minimum=0),
        "cpu_noise": Column(_FLOAT, "the ratio of gold to gold by chance", True, minimum=1),
        "memory_ratio_to_gold": Column(_FLOAT, "peak memory over gold's", True, minimum=0),
        "memory_ratio_low": Column(_FLOAT, "the lowest such ratio of one turn", True, minimum=0),
        "memory_ratio_high": Column(_FLOAT, "the highest such ratio of one turn", True, minimum=0),
        "memory_noise": Column(_FLOAT, "the same of memory, gold to gold", True, minimum=1),
        "r_ves": Column(_FLOAT, "BIRD's R-VES reward (arXiv:2305.03111)", True, minimum=0),
        "beyond": Column(_FLOAT, "Mercury's Beyond (arXiv:2402.07844)", True, minimum=0),
    },
)

_PAIR = pl.Struct(
    {
        "expected_row": pl.Int64(),
        "got_row": pl.Int64(),
        "expected": _NAMES,
        "got": _NAMES,
        "differs": pl.List(pl.Boolean()),
    }
)

DIFFERENCES = Table(
    "differences",
    "Each result beside gold: the rows and cells that tell them apart, and the head of gold.",
    ("generation_id", "task_id"),
    {
        "generation_id": Column(_STR, "the generation"),
        "task_id": Column(_STR, "the task"),
        "data_variant": Column(_STR, "the data variant whose execution made the verdict"),
        "expected_rows": Column(_INT, "rows of gold there", minimum=0),
        "got_rows": Column(_INT, "rows of the result there; null without one", True, minimum=0),
        "columns": Column(
            pl.List(pl.Struct({"name": pl.String(), "expected": pl.String(), "got": pl.String()})),
            "columns of gold, then of the result alone, with the dtype of each side; null where a "
            "side has no such column",
        ),
        "more_columns": Column(_INT, "columns that are left out", minimum=0),
        "pairs": Column(
            pl.List(_PAIR),
            "rows of gold without a counterpart, each beside its likeliest one, then rows of the "
            "result alone; none for a correct answer. Rows count from 1, cells are texts",
        ),
        "more_expected": Column(_INT, "such rows of gold that are left out", minimum=0),
        "more_got": Column(_INT, "such rows of the result that are left out", minimum=0),
        "gold_columns": Column(_NAMES, "columns of gold"),
        "gold_head": Column(pl.List(_NAMES), "the first rows of gold over the base data"),
        "gold_rows": Column(_INT, "rows of gold over the base data", minimum=0),
    },
)


def _with_interval(name: str, column: Column) -> dict[str, Column]:
    """A figure and the low and high end of its 95 % interval; null where it was not estimated."""
    ends = {
        f"{name}_{end}": Column(_FLOAT, f"{end} end of the 95 % interval of {name}", True)
        for end in ("low", "high")
    }
    return {name: column, **ends}


_SCORE_COLUMNS = {
    "score_id": Column(_STR, "hash of everything that the score depends on"),
    "model": Column(_STR, "the model"),
    "prompt_variant": Column(_STR, "the prompt variant"),
    "category": Column(_STR, "'all', one category of tasks, or 'difficulty' and its number"),
    "slice": Column(_STR, "which tasks were asked: all, quick, or 'limit n'"),
    "suites": Column(_NAMES, "the suites that tasks are from"),
    "n_tasks": Column(_INT, "tasks asked", minimum=0),
    **_with_interval("N", Column(_INT, "tasks answered correctly", minimum=0)),
    "n_ignoring_names": Column(_INT, "tasks correct but for column names", minimum=0),
    "n_base_only": Column(_INT, "tasks right on the base data alone, and so wrong", minimum=0),
    "n_unverified": Column(_INT, "tasks asked whose gold no oracle confirms", minimum=0),
    **_with_interval("accuracy", Column(_FLOAT, "N over tasks", minimum=0)),
    **_with_interval("T", Column(_FLOAT, "seconds from request to final code, summed", minimum=0)),
    **_with_interval("VRAM_GB", Column(_FLOAT, "peak GPU memory in 1e9 bytes", True, minimum=0)),
    **_with_interval("RAM_GB", Column(_FLOAT, "peak memory in 1e9 bytes", True, minimum=0)),
    **_with_interval(
        "score",
        Column(_FLOAT, "N / (T × VRAM^0.1 × RAM^0.01), memories floored at 1", True, minimum=0),
    ),
    "load_s": Column(_FLOAT, "loading the weights, not part of T", minimum=0),
    "other_load": Column(_FLOAT, _OTHER_LOAD, True),
    "backend": Column(_STR, "backend and the version of its engine"),
    "versions": Column(_STR, "library versions, as JSON"),
    "device": Column(_STR, "GPU or CPU model that generated"),
    "mode": Column(_STR, "sequential or batched"),
    "budgets": Column(_STR, "what an answer could cost at most: '600 s', 'RAM 6 GB, 20 s'"),
    "isolation_level": Column(_STR, "the weakest level that code ran under"),
    "weights_sha256": Column(_STR, "SHA-256 of the weights"),
    "prompt_variant_hash": Column(_STR, "hash of the variant's registry entry"),
    "dataset_hash": Column(_STR, "hash of the tasks and tables asked"),
    "task_ids": Column(_NAMES, "the tasks asked, in order"),
    "databases": Column(_NAMES, "the database that each of them is over"),
    "generation_ids": Column(_NAMES, "the generation that answers each of them"),
    "code_hashes": Column(_NAMES, "hash of each answer's code; null without code"),
    "correct": Column(pl.List(pl.Boolean()), "whether each of them was answered correctly"),
    "wall_s": Column(pl.List(pl.Float64()), "the time that each of them has in T"),
    "dagster_run_id": Column(_STR, "the Dagster run that generated"),
    "scored_at": Column(_TIME, "when the score was made"),
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
        "rank": Column(_INT, "1 is the best score of its slice; null without one", True, minimum=1),
        **{name: column for name, column in _SCORE_COLUMNS.items() if name != "category"},
        "gained": Column(_INT, "tasks that it has right and the leader wrong", True, minimum=0),
        "lost": Column(_INT, "tasks that it has wrong and the leader right", True, minimum=0),
        "p_value": Column(_FLOAT, "McNemar's exact test of the two", True, minimum=0),
    },
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
