"""Stages 6 and 7: what each partition is worth, and all of them beside one another."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any

import dagster as dg
import polars as pl

from darkwood_bench.assets.bank import Bank, joint_hash, open_bank
from darkwood_bench.assets.consistency import require_same_answers, require_same_prompts
from darkwood_bench.assets.metadata import (
    asset_options,
    cell_text,
    describe,
    markdown,
    partition_link,
)
from darkwood_bench.assets.sources import MODELS, PROMPT_VARIANTS, SUITES
from darkwood_bench.identity import content_id
from darkwood_bench.partitions import BOARD_POOL, GRID, Cell, cells
from darkwood_bench.progress import silent
from darkwood_bench.resources import Bench
from darkwood_bench.sandbox import package_versions
from darkwood_bench.score_history import keep_score
from darkwood_bench.scoring import (
    Answer,
    Costs,
    Provenance,
    fullest,
    leaderboard_rows,
    score_rows,
    weakest,
)
from darkwood_bench.storage import read_table
from darkwood_bench.tables import LEADERBOARD, SCORES
from darkwood_bench.tasks import TaskBankError, dataset_hash
from darkwood_bench.trace import Answer as TracedAnswer
from darkwood_bench.trace.page import cell_path, story_path

Frames = dict[str, pl.DataFrame]
LISTED_ANSWERS = 40
"""Answers that a score's metadata lists; the event log keeps a list for every score ever made."""
WHY_SCORES = """
Score = N / (T × VRAM^0.1 × RAM^0.01), with accuracy beside it and a 95 % interval for each figure.
A partition's metadata links to its answers, its prompts and the run that made them, and `trace`
leads to each question's whole story. It is stale once its suites, its prompt variant or its model
changed.
"""
WHY_BOARD = """
Ranks are given only among partitions that were asked the same tasks, in the same way, on the same
kind of device; each is compared task by task with the leader of its slice.
"""


@dg.asset(
    partitions_def=GRID,
    backfill_policy=dg.BackfillPolicy.single_run(),
    **asset_options(SCORES, "6_score", {"polars"}, owner="scoring", version="2", why=WHY_SCORES),
    deps=[SUITES, PROMPT_VARIANTS, MODELS],
)
def scores(
    context: dg.AssetExecutionContext,
    bench: dg.ResourceParam[Bench],
    tasks: pl.DataFrame,
    prompts: Frames,
    generations: Frames,
    runs: Frames,
    executions: Frames,
    validations: Frames,
) -> Frames:
    """N, T, memory and Score, each with its interval, over all tasks and a category at a time."""
    frames = {}
    for key, cell in cells(context).items():
        started = monotonic()
        require_same_prompts(key, prompts[key], generations[key])
        require_same_answers(key, generations[key], executions[key])
        require_same_answers(key, generations[key], validations[key])
        run = runs[key].row(0, named=True)
        asked = tasks.join(validations[key], on="task_id", how="semi")
        provenance = Provenance(
            **{
                name: run[name]
                for name in ("model", "prompt_variant", "slice", "backend", "device")
            },
            versions=with_executing(run["versions"]),
            mode=run["mode"],
            budgets=budgets_text(run),
            suites=tuple(run["suites"]),
            isolation_level=weakest(executions[key]["isolation_level"]),
            weights_sha256=run["weights_sha256"],
            prompt_variant_hash=prompts[key]["prompt_variant_hash"][0],
            dataset_hash=joint_hash(validations[key]),
            dagster_run_id=run["dagster_run_id"],
        )
        costs = Costs(
            run["load_s"], run["peak_vram_bytes"], run["peak_ram_bytes"], run["other_load"]
        )
        answers = _answers(asked, generations[key], validations[key])
        frames[key] = SCORES.frame(score_rows(answers, costs, provenance, datetime.now(UTC)))
        keep_score(bench.settings.tables, frames[key])
        whole = frames[key].row(0, named=True)
        by_category = frames[key].select("category", "N", "n_tasks", "accuracy", "T", "score")
        context.add_asset_metadata(
            dict(
                trace=dg.MetadataValue.url(cell_path(cell.model, cell.variant)),
                **_figures(whole),
                by_category=dg.MetadataValue.md(markdown(by_category)),
                generations=partition_link("generations", cell),
                prompts=partition_link("prompts", cell),
                generated_by=dg.MetadataValue.dagster_run(run["dagster_run_id"]),
                answers=dg.MetadataValue.md(_answers_table(cell, validations[key])),
                rows=frames[key].height,
                elapsed_s=monotonic() - started,
            ),
            partition_key=key,
        )
    return frames


@dg.asset(
    # Of two runs that end together, the later reads what both have scored.
    pool=BOARD_POOL,
    backfill_policy=dg.BackfillPolicy.single_run(),
    ins={"scores": dg.AssetIn(metadata={"allow_missing_partitions": True})},
    # Shown beside the asset: whether the nights still come.
    freshness_policy=dg.FreshnessPolicy.time_window(
        fail_window=timedelta(days=8), warn_window=timedelta(hours=36)
    ),
    **asset_options(
        LEADERBOARD, "6_score", {"polars"}, owner="scoring", version="2", why=WHY_BOARD
    ),
)
def leaderboard(
    context: dg.AssetExecutionContext, bench: dg.ResourceParam[Bench], scores: Frames
) -> pl.DataFrame:
    """Every partition's score of the most tasks, ranked where the same tasks were asked."""
    started = monotonic()
    current = {key: frame for key, frame in scores.items() if frame.schema == SCORES.schema}
    if older := sorted(scores.keys() - current.keys()):
        context.log.warning(f"left out, as another version scored them: {', '.join(older)}")
    newest = [frame.row(0, named=True) for frame in current.values()]
    made_again = {row["score_id"] for row in newest}  # what is on the board may be older
    before = [row for row in _board_before(bench.settings.tables) if _key(row) in current]
    kept = [*(row for row in before if row["score_id"] not in made_again), *newest]
    shown_rows = fullest(kept, partial(_dataset_now, open_bank(bench.settings, silent)))
    frame = LEADERBOARD.frame(leaderboard_rows(shown_rows))
    shown = ["rank", "model", "prompt_variant", "slice", "N", "n_base_only", "n_tasks"]
    shown += ["n_unverified", "accuracy", "T", "score"]
    board = dg.MetadataValue.md(markdown(frame.select(shown)))
    hashes = sorted(frame["dataset_hash"].unique())
    elapsed_s = monotonic() - started
    context.add_output_metadata(
        describe(frame, shown, board=board, dataset_hashes=hashes, elapsed_s=elapsed_s)
    )
    return frame


def _board_before(tables: str) -> list[dict[str, Any]]:
    """The rows of the board as it was, as they were scored; none where another version made it.

    Scores that are not on it are known to be no fuller, so that no history has to be read.
    """
    board = read_table(tables, LEADERBOARD.name)
    if board is None or board.columns != list(LEADERBOARD.columns):
        return []
    scored = board.select(name for name in SCORES.columns if name != "category")
    return [{**row, "category": "all"} for row in scored.iter_rows(named=True)]


def _key(row: Mapping[str, Any]) -> str:
    return str(Cell(row["model"], row["prompt_variant"]))


def _dataset_now(bank: Bank, suites: Sequence[str]) -> str | None:
    """The hash that a score over these suites would have now; None where they cannot be had."""
    try:
        hashes = [
            (dataset_hash(bank.suites[name], bank.tables[name]), bank.variants_hash(name))
            for name in suites
        ]
    except (KeyError, TaskBankError):
        return None
    columns = ["dataset_hash", "variants_hash"]
    return joint_hash(pl.DataFrame(hashes, schema=columns, orient="row"))


def _answers(
    asked: pl.DataFrame, generations: pl.DataFrame, validations: pl.DataFrame
) -> list[Answer]:
    """An answer a task: its verdict, and the time of all its attempts."""
    times = generations.group_by("task_id", maintain_order=True).agg(
        pl.col("t_s").sum().alias("wall_s"), pl.col("repeat_s"), pl.col("code").last()
    )
    joined = (
        asked.select("task_id", "database", "category", "difficulty", "verified")
        .join(times, on="task_id", how="left", maintain_order="left")
        .join(
            validations.select(
                "task_id",
                "generation_id",
                "correct",
                "correct_ignoring_names",
                "correct_on_base",
            ),
            on="task_id",
            how="left",
            maintain_order="left",
        )
    )
    answers = []
    for row in joined.iter_rows(named=True):
        # A task's attempts add up, repeat by repeat.
        row["repeat_s"] = tuple(sum(times) for times in zip(*row["repeat_s"], strict=True))
        code = row.pop("code")
        answers.append(Answer(**row, code_hash=None if code is None else content_id(code)))
    return answers


def with_executing(versions: str) -> str:
    """The library versions of a run, as JSON, and those of what its answers are run with.

    A run makes an execution again when these change, so that those of now are those of all of them;
    not so where `scores` alone is materialized after an upgrade.
    """
    return json.dumps(json.loads(versions) | dict(package_versions()), sort_keys=True)


def budgets_text(run: Mapping[str, Any]) -> str:
    """The column `budgets` of a score, of a row of `tables.RUNS`; `reproduction` reads it back."""
    sizes = (("RAM", run["max_ram_bytes"]), ("VRAM", run["max_vram_bytes"]))
    memory = [f"{name} {size / 1e9:.12g} GB" for name, size in sizes if size is not None]
    return ", ".join([*memory, f"{run['max_seconds']:.12g} s"])


def _figures(whole: Mapping[str, Any]) -> dict[str, Any]:
    names = ("score", "N", "n_tasks", "accuracy", "T", "VRAM_GB", "RAM_GB", "slice")
    names += ("n_base_only", "n_unverified", "score_id")
    hashes = ("dataset_hash", "prompt_variant_hash", "weights_sha256", "isolation_level")
    return {name: whole[name] for name in (*names, *hashes) if whole[name] is not None}


def _answers_table(cell: Cell, validations: pl.DataFrame) -> str:
    """The first answers with a link to each one's story: the wrong ones before the others."""
    order = validations.sort("correct", maintain_order=True)
    shown = order.head(LISTED_ANSWERS)
    lines = ["| task | level | class | detail |", "|---|---|---|---|"]
    for row in shown.iter_rows(named=True):
        answer = TracedAnswer(cell.model, cell.variant, row["task_id"], row["generation_id"])
        detail = cell_text(row["failure_detail"] or row["mismatch"])
        lines.append(
            f"| [{row['task_id']}]({story_path(answer)}) | {row['level']} "
            f"| {row['failure_class'] or 'correct'} | {detail} |"
        )
    more = order.height - shown.height
    if more:
        lines.append(f"\n[and {more} more]({cell_path(cell.model, cell.variant)})")
    return "\n".join(lines)
