"""Which columns a table's columns are made from: what the UI shows as column lineage.

A column that is not listed is made where it stands: measured, drawn up or read from a source.
"""

from collections.abc import Mapping

import dagster as dg

_PASSED_ON = ("model", "prompt_variant", "backend", "weights_sha256", "mode", "slice", "suites")
"""Columns of `runs` that `scores` takes as they are."""

SOURCES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "prompts": {
        "prompt_id": ("prompts.messages",),
        "task_id": ("tasks.task_id",),
        "messages": ("tasks.question", "tasks.tables", "tasks.gold_code"),
        "example_task_ids": ("tasks.task_id", "tasks.split", "tasks.category"),
        "grammar": ("tasks.tables",),
        "grammar_hash": ("prompts.grammar",),
    },
    "generations": {
        "generation_id": (
            "prompts.prompt_id",
            "prompts.grammar",
            "generations.weights_sha256",
            "generations.backend",
            "generations.decoding",
        ),
        "prompt_id": ("prompts.prompt_id",),
        "task_id": ("prompts.task_id",),
        "prompt_variant": ("prompts.prompt_variant",),
        "raw_text": ("prompts.messages", "prompts.grammar"),
        "code": ("generations.raw_text",),
        "rewrites": ("generations.raw_text",),
        "problem": ("generations.code", "tasks.tables"),
        "t_s": ("generations.repeat_s",),
    },
    "runs": {
        "n_generations": ("generations.generation_id",),
        "n_errors": ("generations.error",),
        "n_over_budget": ("generations.error_kind",),
        "total_s": ("generations.t_s",),
        "repeat_total_s": ("generations.repeat_s",),
        "prompt_tokens": ("generations.prompt_tokens",),
        "cached_tokens": ("generations.cached_tokens",),
        "completion_tokens": ("generations.completion_tokens",),
        "suites": ("tasks.suite",),
    },
    "executions": {
        "generation_id": ("generations.generation_id",),
        "task_id": ("generations.task_id",),
        **dict.fromkeys(
            ("status", "error_class", "error_message", "error_line", "result_hash"),
            ("generations.code", "tasks.tables"),
        ),
    },
    "validations": {
        "generation_id": ("executions.generation_id",),
        "task_id": ("executions.task_id",),
        "level": ("validations.correct", "executions.status", "generations.code"),
        "correct": ("executions.result_hash", "tasks.gold_code", "tasks.order_by"),
        "correct_ignoring_names": ("executions.result_hash", "tasks.gold_code"),
        "correct_on_base": ("executions.result_hash", "tasks.gold_code"),
        "caught_by": ("executions.data_variant", "executions.result_hash", "tasks.gold_code"),
        "mismatch": ("executions.result_hash", "tasks.gold_code"),
        "failure_class": ("executions.status", "executions.error_class", "validations.mismatch"),
        "failure_detail": ("executions.error_message", "generations.code"),
        "quality_flags": ("generations.code",),
        "dataset_hash": ("tasks.dataset_hash",),
        "cpu_ratio_to_gold": ("generations.code", "tasks.gold_code"),
        "memory_ratio_to_gold": ("generations.code", "tasks.gold_code"),
    },
    "differences": {
        "generation_id": ("validations.generation_id",),
        "task_id": ("validations.task_id",),
        "data_variant": ("validations.caught_by",),
        "expected_rows": ("tasks.gold_code",),
        "got_rows": ("executions.rows",),
        "columns": ("executions.result_hash", "tasks.gold_code"),
        "pairs": ("executions.result_hash", "tasks.gold_code"),
        "gold_columns": ("tasks.gold_code",),
        "gold_head": ("tasks.gold_code",),
    },
    "scores": {
        **{name: (f"runs.{name}",) for name in _PASSED_ON},
        "category": ("tasks.category", "tasks.difficulty"),
        "n_tasks": ("validations.task_id",),
        "N": ("validations.correct",),
        "n_ignoring_names": ("validations.correct_ignoring_names",),
        "n_base_only": ("validations.correct_on_base", "validations.correct"),
        "n_unverified": ("tasks.verified",),
        "accuracy": ("scores.N", "scores.n_tasks"),
        "T": ("generations.t_s",),
        "VRAM_GB": ("runs.peak_vram_bytes",),
        "RAM_GB": ("runs.peak_ram_bytes",),
        "score": ("scores.N", "scores.T", "scores.VRAM_GB", "scores.RAM_GB"),
        "load_s": ("runs.load_s",),
        "other_load": ("runs.other_load",),
        "versions": ("runs.versions",),
        "device": ("runs.device",),
        "budgets": ("runs.max_ram_bytes", "runs.max_vram_bytes", "runs.max_seconds"),
        "isolation_level": ("executions.isolation_level",),
        "prompt_variant_hash": ("prompts.prompt_variant_hash",),
        "dataset_hash": ("validations.dataset_hash", "validations.variants_hash"),
        "task_ids": ("validations.task_id",),
        "databases": ("tasks.database",),
        "generation_ids": ("validations.generation_id",),
        "code_hashes": ("generations.code",),
        "correct": ("validations.correct",),
        "wall_s": ("generations.t_s",),
        "repeat_s": ("generations.repeat_s",),
        "dagster_run_id": ("runs.dagster_run_id",),
    },
    "leaderboard": {
        "rank": ("scores.score", "scores.slice", "scores.dataset_hash"),
        **{name: (f"scores.{name}",) for name in ("N", "n_tasks", "accuracy", "T", "score")},
        **{name: (f"scores.{name}",) for name in ("model", "prompt_variant", "score_id")},
        **dict.fromkeys(("gained", "lost", "p_value"), ("scores.correct", "scores.task_ids")),
    },
}


def column_lineage(table: str) -> dg.TableColumnLineage:
    """The lineage of one table's columns, as Dagster takes it; empty for a table of sources."""
    return dg.TableColumnLineage(
        {
            column: [
                dg.TableColumnDep(asset_key=dg.AssetKey(of), column_name=name)
                for of, name in (source.split(".") for source in sources)
            ]
            for column, sources in SOURCES.get(table, {}).items()
        }
    )
