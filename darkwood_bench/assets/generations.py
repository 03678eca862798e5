"""Stage 3: ask the model. Only this stage needs its weights, and it runs no code."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import dagster as dg
import polars as pl

from darkwood_bench.assets.bank import Bank, by_task, open_bank
from darkwood_bench.assets.consistency import require_unedited
from darkwood_bench.assets.finishings import finishings
from darkwood_bench.assets.metadata import asset_options, describe, logged, partition_link
from darkwood_bench.assets.own_prompts import asked_of
from darkwood_bench.assets.slices import RunConfig, chosen_tasks
from darkwood_bench.assets.sources import MODELS, PROMPT_VARIANTS
from darkwood_bench.harness import (
    REVISION,
    Asked,
    Finishing,
    GenerationBatch,
    Generator,
    load_models,
    registered,
)
from darkwood_bench.partitions import GRID, POOL, Cell, by_model, cells
from darkwood_bench.prompting import OWN, Message, load_variants, variant_hash
from darkwood_bench.resources import Bench
from darkwood_bench.stores import open_journal
from darkwood_bench.tables import GENERATIONS, NOISY_LOAD, RUNS
from darkwood_bench.tasks import TaskBankError


@dataclass(frozen=True)
class AskedPrompt:
    """A prompt as the harness takes it."""

    prompt_id: str
    task_id: str
    messages: list[Message]
    grammar: str | None = None
    asked: Asked | None = None
    finishing: Finishing | None = None


WHY_ANSWERS = """
The model's text as it came and the code that was taken out of it, with tokens and times. Answers
are kept in a journal under the hash of all that they depend on: a run that is killed goes on where
it was, and what is unchanged is not asked again.
"""
WHY_COSTS = """
T, memory, tokens and joules of a partition, with the device and the versions that they were
measured on. They are what the answers took when they were made, never the time of a reuse.
"""


@dg.multi_asset(
    outs={
        "generations": dg.AssetOut(
            **asset_options(
                GENERATIONS, "3_answer", {"llm", "polars"}, "harness", str(REVISION), WHY_ANSWERS
            )
        ),
        "runs": dg.AssetOut(
            **asset_options(RUNS, "3_answer", {"polars"}, "harness", str(REVISION), WHY_COSTS)
        ),
    },
    deps=[MODELS, PROMPT_VARIANTS],
    partitions_def=GRID,
    backfill_policy=dg.BackfillPolicy.single_run(),
    pool=POOL,
)
def generate(
    context: dg.AssetExecutionContext,
    asking: RunConfig,
    bench: dg.ResourceParam[Bench],
    tasks: pl.DataFrame,
    prompts: dict[str, pl.DataFrame],
) -> Iterator[dg.Output]:
    """Each model's answers to the slice of tasks, and what they cost."""
    settings = bench.settings
    report = logged(context, bench.report)
    regeneration = asking.regeneration or context.run.root_run_id or context.run.run_id
    models = load_models(settings.models)
    bank = open_bank(settings, report)
    asked = chosen_tasks(asking, tasks, bank)
    generations: dict[str, pl.DataFrame] = {}
    runs: dict[str, pl.DataFrame] = {}
    variants = load_variants(settings.variants)
    rows = by_task(asked.iter_rows(named=True))
    for key, cell in cells(context).items():
        if cell.variant != OWN:
            found = variants.get(cell.variant)
            now = None if found is None else variant_hash(found)
            registry = str(settings.variants)
            require_unedited(key, prompts[key], cell.variant, now, registry)
    chosen = [variants[c.variant] for c in cells(context).values() if c.variant in variants]
    with finishings(bank, rows.values(), chosen) as finishing_of:
        for model, partitions in by_model(cells(context).values()).items():
            spec = registered(model, models, settings.models)
            seen_by = bank if spec.brings_prompt else None
            with (
                open_journal(settings, model, "generation_id") as journal,
                Generator(
                    model,
                    spec,
                    asking.decoding(spec.context),
                    journal,
                    settings.cache,
                    report,
                    mode=asking.mode,
                    budgets=asking.budgets,
                ) as generator,
            ):
                for cell in partitions:
                    batch = generator.run(
                        _prompts_of(
                            asked,
                            prompts[str(cell)],
                            seen_by,
                            partial(finishing_of, variants.get(cell.variant)),
                        ),
                        prompt_variant=cell.variant,
                        repeats=asking.repeats,
                        regeneration=regeneration if asking.regenerate else None,
                    )
                    key = str(cell)
                    generations[key] = GENERATIONS.frame(batch.rows)
                    runs[key] = RUNS.frame(
                        [_run_row(context.run.run_id, cell, asking, asked, batch)]
                    )
                    _log(context, cell, batch)
                    _add_metadata(context, cell, generations[key], runs[key], batch)
                journal.compact()
    yield dg.Output(generations, output_name="generations")
    yield dg.Output(runs, output_name="runs")


def _prompts_of(
    asked: pl.DataFrame,
    prompts: pl.DataFrame,
    bank: Bank | None,
    finishing_of: Callable[[Mapping[str, Any]], Finishing | None],
) -> list[AskedPrompt]:
    """The asked tasks' prompts, in the tasks' order.

    Each comes with what `finishing_of` its task says is done with its answer; with a bank, with its
    bare question and its tables as well.
    """
    if missing := sorted(set(asked["task_id"]) - set(prompts["task_id"])):
        raise TaskBankError(f"{', '.join(missing)}: no prompt yet; materialize prompts again")
    joined = asked.select("task_id").join(
        prompts.select("task_id", "prompt_id", "messages", "grammar"),
        on="task_id",
        how="inner",
        maintain_order="left",
    )
    tasks = by_task(asked.iter_rows(named=True))
    return [
        AskedPrompt(
            **row,
            asked=asked_of(tasks[row["task_id"]], bank) if bank else None,
            finishing=finishing_of(tasks[row["task_id"]]),
        )
        for row in joined.iter_rows(named=True)
    ]


def _run_row(
    run_id: str, cell: Cell, config: RunConfig, asked: pl.DataFrame, batch: GenerationBatch
) -> dict[str, Any]:
    return {
        "model": cell.model,
        "prompt_variant": cell.variant,
        "slice": config.slice,
        "suites": sorted(asked["suite"].unique()),
        **batch.usage.row(),
        "dagster_run_id": run_id,
    }


def _log(context: dg.AssetExecutionContext, cell: Cell, batch: GenerationBatch) -> None:
    """What a reader of T should know before believing it."""
    usage = batch.usage
    if usage.other_load is not None and usage.other_load > NOISY_LOAD:
        context.log.warning(
            f"{cell}: other processes had {usage.other_load:.0%} of the cores while the model "
            "answered, and T is longer for it; measure on a quiet machine"
        )
    if usage.throttling:
        context.log.warning(f"{cell}: the GPU was held back by {', '.join(usage.throttling)}")
    if usage.n_over_budget:
        context.log.warning(f"{cell}: {usage.n_over_budget} answers were stopped for their cost")
    if batch.differing:
        context.log.warning(
            f"{cell}: not the same text in every repeat: {', '.join(batch.differing)}; the first "
            "one is judged"
        )


def _add_metadata(
    context: dg.AssetExecutionContext,
    cell: Cell,
    generations: pl.DataFrame,
    runs: pl.DataFrame,
    batch: GenerationBatch,
) -> None:
    run = runs.row(0, named=True)
    figures = ("slice", "mode", "n_reused", "load_s", "total_s", "peak_vram_bytes")
    figures += ("peak_ram_bytes", "other_load")
    hashes = ("backend", "device", "weights_sha256")
    shown = {name: run[name] for name in (*figures, *hashes) if run[name] is not None}
    if batch.usage.cached_share is not None:
        shown["cached_share_of_prompt_tokens"] = batch.usage.cached_share
    if run["repeats"] > 1:
        shown |= {"T_of_repeats": run["repeat_total_s"], "differing_texts": len(batch.differing)}
    for measured in ("energy_j", "cost"):
        if run[measured] is not None:
            shown[measured] = run[measured]
    context.add_asset_metadata(
        describe(
            generations,
            ["task_id", "finish_reason", "completion_tokens", "wall_s", "code"],
            completion_tokens=run["completion_tokens"],
            without_code=generations["code"].null_count(),
            errors=generations["error"].count(),
            prompts=partition_link("prompts", cell),
            **shown,
        ),
        asset_key="generations",
        partition_key=str(cell),
    )
    context.add_asset_metadata(
        describe(runs, figures, **shown), asset_key="runs", partition_key=str(cell)
    )
