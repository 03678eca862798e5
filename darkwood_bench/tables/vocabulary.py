"""The closed lists of words that tables hold."""

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
