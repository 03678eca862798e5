"""Generations as the journal keeps them, and as the table has them."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from darkwood_bench.harness.backends import BackendError, Completion, Mode
from darkwood_bench.harness.budgets import Budgets
from darkwood_bench.harness.decoding import Decoding
from darkwood_bench.harness.finishing import final_code
from darkwood_bench.harness.generation_ids import Prompt
from darkwood_bench.harness.hardware import cpu
from darkwood_bench.harness.prices import cost
from darkwood_bench.harness.process import ModelProcess, WorkerCrash
from darkwood_bench.harness.rounds import Outcome
from darkwood_bench.harness.selection import Choice
from darkwood_bench.harness.server_entry import Price
from darkwood_bench.harness.server_memory import ServerMeter
from darkwood_bench.tables import GENERATIONS

Record = Mapping[str, Any]
"""A journal row: a generation with the meters as they stood when it was made."""
MOST_CRASHES = 3
"""A prompt that the model's process has died of so often is not asked again by the next run."""


@dataclass(frozen=True)
class Conditions:
    """What the generations of one run have in common."""

    model: str
    prompt_variant: str
    choice: Choice
    weights_sha256: str
    decoding: Decoding
    memory_measured: bool
    elsewhere: ServerMeter | None
    """What tells of the memory of servers."""
    price: Price | None
    mode: Mode
    budgets: Budgets
    regeneration: str | None


def make_record(
    key: str,
    prompt: Prompt,
    repeat: int,
    outcome: Outcome,
    conditions: Conditions,
    process: ModelProcess,
    *,
    attempt: int = 1,
    feedback: str | None = None,
    next_id: str | None = None,
    crashes: int = 0,
) -> dict[str, Any]:
    """One journal row, of an answer or of a failure.

    `feedback`: what the model was told of the attempt before; `next_id`: the id of the attempt
    after it; `crashes`: how often the model's process died of the same request in earlier runs.
    """
    answer = outcome.answer
    checked = outcome.final.checked if outcome.final else None
    problem = checked.problem if checked else None
    ran = (outcome.final.ran if outcome.final else None) or checked
    completion = answer if isinstance(answer, Completion) else None
    failure = None if isinstance(answer, Completion) else answer
    clocks = process.meter.clocks_mhz
    memory = process.meter if conditions.memory_measured else conditions.elsewhere
    # In a batch nobody knows which of the requests at work it died of.
    if isinstance(answer, WorkerCrash) and outcome.batch is None:
        crashes += 1
    return {
        "generation_id": key,
        "prompt_id": prompt.prompt_id,
        "task_id": prompt.task_id,
        "model": conditions.model,
        "prompt_variant": conditions.prompt_variant,
        "attempt": attempt,
        "feedback": feedback,
        "problem": problem.summary if problem else None,
        "next_id": next_id,
        "repeat": repeat,
        "raw_text": completion.text if completion else "",
        "prompt_tokens": completion.prompt_tokens if completion else None,
        "cached_tokens": completion.cached_tokens if completion else None,
        "completion_tokens": completion.completion_tokens if completion else None,
        "ttft_s": completion.ttft_s if completion else None,
        "wall_s": outcome.spent.wall_s,
        "finish_s": outcome.finish_s,
        "dry_run_bytes": ran.peak_memory_bytes if ran else None,
        "cost": cost(conditions.price, completion) if completion else None,
        "finish_reason": completion.finish_reason if completion else "error",
        "error": _said(failure, crashes) if failure else None,
        "error_kind": failure.kind if failure else None,
        "transient": failure.transient if failure else False,
        "crashes": crashes,
        "endpoint": completion.endpoint if completion else None,
        "failed_at": list(completion.failed_at) if completion else [],
        "backend": conditions.choice.label,
        "weights_sha256": conditions.weights_sha256,
        "decoding": conditions.decoding.row(),
        "mode": conditions.mode,
        "batch": outcome.batch,
        "regeneration": conditions.regeneration,
        **conditions.budgets.row(),
        "load_s": process.load_s,
        "peak_ram_bytes": memory.peak_ram_bytes if memory else None,
        "peak_vram_bytes": memory.peak_vram_bytes if memory else None,
        "allocated_vram_bytes": process.allocated_peak_bytes,
        # Beside a server that nobody here sees, who is an other and who is the model?
        "other_cpu_s": outcome.spent.other_cpu_s if conditions.memory_measured else None,
        "cpu_s": outcome.spent.cpu_s if conditions.memory_measured else None,
        "energy_j": outcome.spent.energy_j,
        "gpu_clock_low_mhz": clocks[0] if clocks else None,
        "gpu_clock_high_mhz": clocks[1] if clocks else None,
        "throttling": sorted(process.meter.throttling),
        "device": conditions.choice.device.name,
        "cpu": cpu().name,
        "cores": len(os.sched_getaffinity(0)),
        "driver": conditions.choice.device.driver,
        "versions": json.dumps(conditions.choice.versions, sort_keys=True),
        "recorded_at": datetime.now(UTC).isoformat(),
    }


def _said(failure: BackendError, crashes: int) -> str:
    if crashes < MOST_CRASHES:
        return str(failure)
    return f"{failure}; it did so {crashes} times, and is asked again with --regenerate only"


def table_rows(
    prompts: Sequence[Prompt],
    prompt_variant: str,
    repeats: Sequence[Sequence[Sequence[Record]]],
    times: Sequence[Sequence[Sequence[float]]],
) -> list[dict[str, Any]]:
    """Rows of `tables.GENERATIONS`, one an attempt: those of the first repeat, all repeats' times.

    `repeats` and `times` have one entry a repeat, each with one entry a prompt, which has one an
    attempt: the journal rows, and each one's part of T in seconds.
    """
    rows = []
    for number, prompt in enumerate(prompts):
        attempts = repeats[0][number]
        for place, record in enumerate(attempts):
            last = place == len(attempts) - 1
            parts = [_part(of_repeat[number], place, last=last) for of_repeat in times]
            # The code follows from the text, so that better extraction reaches old answers too.
            final = final_code(record["raw_text"], prompt.finishing)
            row = {
                **record,
                # The same prompt may have been another task's, or another variant's.
                "task_id": prompt.task_id,
                "prompt_variant": prompt_variant,
                "code": final.code,
                "finish_s": record.get("finish_s"),  # older rows have none
                "endpoint": record.get("endpoint"),
                "failed_at": record.get("failed_at") or [],
                "rewrites": list(final.rewrites),
                "t_s": sum(parts) / len(parts),
                "repeat_s": parts,
            }
            rows.append({column: row[column] for column in GENERATIONS.columns})
    return rows


def _part(attempts_s: Sequence[float], place: int, *, last: bool) -> float:
    """Seconds of an attempt in one repeat; the last one has those beyond it too."""
    return sum(attempts_s[place:] if last else attempts_s[place : place + 1])
