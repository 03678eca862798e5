"""What models answer, and what that costs."""

import polars as pl

from darkwood_bench.tables.columns import DECODING, ENDPOINTS, FLOAT, INT, NAMES, OTHER_LOAD, STR
from darkwood_bench.tables.schema import Column, Table
from darkwood_bench.tables.vocabulary import MODES

GENERATIONS = Table(
    "generations",
    "What the model answered. One row an attempt; a task's last attempt is its answer.",
    ("generation_id", "task_id"),
    {
        "generation_id": Column(STR, "hash of prompt, weights, backend, decoding, …"),
        "prompt_id": Column(STR, "the prompt"),
        "task_id": Column(STR, "the task"),
        "model": Column(STR, "the model's name in the registry"),
        "prompt_variant": Column(STR, "the variant's name in the registry"),
        "attempt": Column(INT, "1 for the first answer", minimum=1),
        "raw_text": Column(STR, "the model's text as it came; empty when it failed"),
        "code": Column(STR, "the code taken out of it and repaired; null when there is none", True),
        "rewrites": Column(NAMES, "what static repair did: groupby -> group_by"),
        "problem": Column(STR, "what failed over empty tables, where that was tried", True),
        "feedback": Column(
            STR,
            "what the model was told of the attempt before; or how a vote went",
            True,
        ),
        "prompt_tokens": Column(INT, "tokens of the prompt, cached ones too", True, minimum=0),
        "cached_tokens": Column(INT, "prompt tokens that were not read again", True, minimum=0),
        "completion_tokens": Column(INT, "tokens generated", True, minimum=0),
        "ttft_s": Column(FLOAT, "request to first token", True, minimum=0),
        "wall_s": Column(FLOAT, "request to final code, on the caller's clock", minimum=0),
        "finish_s": Column(
            FLOAT, "of wall_s, text to final code: static repair, the dry run", True, minimum=0
        ),
        "t_s": Column(FLOAT, "its part of T: the mean of repeat_s", minimum=0),
        "repeat_s": Column(
            pl.List(pl.Float64()),
            "its part of T in each repeat: wall_s, or an equal part of the batch's wall time",
        ),
        "finish_reason": Column(STR, "stop, length or error", allowed=("stop", "length", "error")),
        "error": Column(STR, "why there is no text, where there is none", True),
        "error_kind": Column(STR, "the same in a word: timeout, over_ram, worker_crash, …", True),
        "endpoint": Column(STR, "the server that answered, of several", True),
        "failed_at": Column(NAMES, "servers that had failed at it before, one a try"),
        "mode": Column(STR, "asked alone, or with all others", allowed=MODES),
        "backend": Column(STR, "backend and the version of its engine"),
        "weights_sha256": Column(STR, "SHA-256 of the weights"),
        "decoding": Column(DECODING, "how tokens were chosen, and the engine's settings"),
    },
)


RUNS = Table(
    "runs",
    "What the generations cost: one row a partition, from the journal's own measurements.",
    ("model", "prompt_variant"),
    {
        "model": Column(STR, "the model"),
        "prompt_variant": Column(STR, "the prompt variant"),
        "slice": Column(STR, "which tasks were asked: all, quick, or 'limit n'"),
        "suites": Column(NAMES, "the suites that tasks are from"),
        "n_generations": Column(INT, "attempts, all tasks and repeats together", minimum=0),
        "n_reused": Column(INT, "attempts taken from the journal", minimum=0),
        "n_errors": Column(
            INT, "tasks whose answer has no text, in the repeat that is judged", minimum=0
        ),
        "n_over_budget": Column(INT, "of these, stopped for their time or memory", minimum=0),
        "load_s": Column(FLOAT, "loading the weights, not part of T", minimum=0),
        "total_s": Column(
            FLOAT,
            "T: the sum of wall_s over tasks, or in batched mode the wall time of the batch from "
            "its start to its last answer; the mean of the repeats",
            minimum=0,
        ),
        "endpoints": Column(
            ENDPOINTS,
            "of several servers each one's answers, the tries that failed there, the tokens it "
            "generated and the seconds of its answers from request to text; empty otherwise",
        ),
        "repeats": Column(INT, "how often every prompt was asked", minimum=1),
        "repeat_total_s": Column(pl.List(pl.Float64()), "T of each repeat"),
        "repeat_cpu_s": Column(
            pl.List(pl.Float64()),
            "CPU seconds of the processes that made the answers of each repeat, over all cores; "
            "beside T, it tells the model's own work from waiting; null if unmeasured",
            True,
        ),
        "prompt_tokens": Column(INT, "tokens of all prompts, cached ones too", minimum=0),
        "cached_tokens": Column(INT, "of these, tokens that were not read again", minimum=0),
        "completion_tokens": Column(INT, "tokens generated", minimum=0),
        "cost": Column(
            FLOAT, "of one repeat's tokens at the registry's prices; null without", True, minimum=0
        ),
        "peak_vram_bytes": Column(
            INT,
            "peak GPU memory of the generating process tree, as NVML counts it; null if unmeasured",
            True,
            minimum=0,
        ),
        "allocated_vram_bytes": Column(
            INT, "the same as the engine counts it, where it does", True, minimum=0
        ),
        "peak_ram_bytes": Column(
            INT,
            "peak resident memory of the generating process tree (VmHWM); null if unmeasured",
            True,
            minimum=0,
        ),
        "dry_run_bytes": Column(
            INT,
            "peak memory of a program in a dry run, on top of its sandbox: not in peak_ram_bytes, "
            "which is the model's; null without dry runs",
            True,
            minimum=0,
        ),
        "energy_j": Column(FLOAT, "joules of the GPU over T, where it counts them", True),
        "other_load": Column(FLOAT, OTHER_LOAD, True),
        "device": Column(STR, "GPU or CPU model that generated"),
        "cpu": Column(STR, "CPU model and its usable cores"),
        "driver": Column(STR, "GPU driver version, where there is a GPU", True),
        "gpu_clock_low_mhz": Column(INT, "lowest clock of the GPU at work", True),
        "gpu_clock_high_mhz": Column(INT, "highest clock of the GPU at work", True),
        "throttling": Column(NAMES, "what held the GPU's clock back at work"),
        "versions": Column(STR, "library versions, as JSON"),
        "mode": Column(STR, "one request at a time, or all at once", allowed=MODES),
        "backend": Column(STR, "backend and the version of its engine"),
        "weights_sha256": Column(STR, "SHA-256 of the weights"),
        "max_ram_bytes": Column(INT, "limit of resident memory, where one was set", True),
        "max_vram_bytes": Column(INT, "limit of GPU memory, where one was set", True),
        "max_seconds": Column(FLOAT, "limit of one answer's time", minimum=0),
        "dagster_run_id": Column(STR, "the Dagster run that wrote this row"),
    },
)
