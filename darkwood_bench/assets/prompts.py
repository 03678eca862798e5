"""Stage 2: build each variant's prompts."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

import dagster as dg
import polars as pl

from darkwood_bench.asking import ask
from darkwood_bench.assets.bank import Bank, open_bank
from darkwood_bench.assets.metadata import asset_options, describe, logged
from darkwood_bench.assets.own_prompts import own_prompt_rows
from darkwood_bench.assets.sources import PROMPT_VARIANTS
from darkwood_bench.assets.table_facts import question_of
from darkwood_bench.harness import load_models, registered
from darkwood_bench.identity import content_id
from darkwood_bench.pairing import require_pair
from darkwood_bench.partitions import GRID, cells
from darkwood_bench.prompting import (
    OWN,
    Example,
    Question,
    Variant,
    VariantError,
    load_variants,
    variant_hash,
)
from darkwood_bench.resources import Bench
from darkwood_bench.tables import PROMPTS
from darkwood_bench.tasks import Task, find_leaks

Pair = tuple[str, str]
"""A test task's id and an example's."""

WHY = """
The very words that a model is given, so that an answer can be judged by what was asked. A row a
test task; a partition for each model and variant, as a submission is asked without any of them.
"""


@dg.asset(
    partitions_def=GRID,
    backfill_policy=dg.BackfillPolicy.single_run(),
    **asset_options(PROMPTS, "2_ask", {"polars"}, owner="prompting", version="1", why=WHY),
    deps=[PROMPT_VARIANTS],
)
def prompts(
    context: dg.AssetExecutionContext, bench: dg.ResourceParam[Bench], tasks: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """The messages of every test task, under the variant of each partition."""
    bank = open_bank(bench.settings, logged(context, bench.report))
    models = load_models(bench.settings.models)
    variants = load_variants(bench.settings.variants)
    for cell in cells(context).values():
        spec = registered(cell.model, models, bench.settings.models)
        require_pair(cell.model, spec, cell.variant)
        if cell.variant not in (*variants, OWN):
            raise VariantError(
                f"{bench.settings.variants}: {cell.variant}: was taken out of the registry since "
                "this run was asked for; put it back, or run another variant"
            )
    chosen = [variants[cell.variant] for cell in cells(context).values() if cell.variant != OWN]
    banned = given_away(bank.all_tasks()) if any(one.examples for one in chosen) else set()
    frames = {}
    for key, cell in cells(context).items():
        started = monotonic()
        if cell.variant == OWN:
            frames[key] = PROMPTS.frame(own_prompt_rows(tasks, bank))
            about = "the question and its tables: the model brings its own prompt"
        else:
            variant = variants[cell.variant]
            rows = _prompt_rows(variant, tasks, bank, bench.settings.cache, banned)
            frames[key] = PROMPTS.frame(rows)
            if fewer := _categories_left_out(variant, tasks):
                context.log.warning(f"{key}: the bank has too few examples of {', '.join(fewer)}")
            about = variant.about
        metadata = describe(
            frames[key],
            ["task_id", "prompt_id"],
            elapsed_s=monotonic() - started,
            about=about,
            prompt_variant_hash=frames[key]["prompt_variant_hash"].first(),
            first_prompt=dg.MetadataValue.json(frames[key].head(1).to_dicts()),
        )
        context.add_asset_metadata(metadata, partition_key=key)
    return frames


def _prompt_rows(
    variant: Variant, tasks: pl.DataFrame, bank: Bank, cache: Path, banned: Collection[Pair]
) -> list[dict[str, Any]]:
    def asked(row: Mapping[str, Any]) -> Question:
        return question_of(row, bank, cache, data=variant.rendering.needs_data)

    pool = []
    if variant.examples is not None:
        pool = [
            example_of(row, asked(row))
            for row in tasks.filter(pl.col("split") == "examples").iter_rows(named=True)
        ]
    rows = []
    for task in tasks.filter(pl.col("split") == "test").iter_rows(named=True):
        question = asked(task)
        asking = ask(variant, question, allowed(pool, question.task_id, banned))
        rows.append(
            {
                "prompt_id": content_id(asking.messages),
                "task_id": task["task_id"],
                "prompt_variant": variant.name,
                "messages": asking.messages,
                "example_task_ids": [example.question.task_id for example in asking.examples],
                "grammar": asking.grammar,
                "grammar_hash": content_id(asking.grammar) if asking.grammar else None,
                "prompt_variant_hash": variant_hash(variant),
            }
        )
    return rows


def _categories_left_out(variant: Variant, tasks: pl.DataFrame) -> list[str]:
    """Categories that a variant names more often than there are examples of them."""
    named = Counter(variant.examples.categories if variant.examples else ())
    there = Counter(tasks.filter(pl.col("split") == "examples")["category"])
    return sorted(named - there)


def example_of(row: Mapping[str, Any], question: Question) -> Example:
    """A row of the table tasks as it may be shown."""
    columns = tuple(row["output_columns"])
    return Example(
        question, row["gold_code"], row["category"], row["suite"], columns, row["oracle_sql"]
    )


def allowed(pool: Sequence[Example], task_id: str, banned: Collection[Pair]) -> list[Example]:
    """The examples that a task's prompt may show: none that gives it away."""
    return [example for example in pool if (task_id, example.question.task_id) not in banned]


def given_away(tasks: Iterable[Task]) -> set[Pair]:
    """Each test task with each example that is too like it to be shown with it."""
    return {(leak.test, leak.other) for leak in find_leaks(list(tasks), {})}
