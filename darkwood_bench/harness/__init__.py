"""Who answers: the model registry, weights, engines in processes of their own, and their meters.

Names are imported when they are first used, because a model's worker process imports this package
and its memory is part of the score.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from darkwood_bench.harness.backends import (
        Asked,
        AskedTable,
        Backend,
        BackendError,
        Completion,
        Engine,
        Mode,
        PromptTooLong,
        Request,
    )
    from darkwood_bench.harness.budgets import (
        Budgets,
        OverRam,
        OverVram,
        WorkerTimeout,
    )
    from darkwood_bench.harness.decoding import Decoding
    from darkwood_bench.harness.entries import ModelSpec, ServerSpec, SubmissionSpec, WeightsSpec
    from darkwood_bench.harness.extraction import extract_code
    from darkwood_bench.harness.feedback import Problem, correction
    from darkwood_bench.harness.finishing import Checked, Finishing
    from darkwood_bench.harness.generation_ids import REVISION, Prompt, batch_id, generation_id
    from darkwood_bench.harness.generator import GenerationBatch, Generator
    from darkwood_bench.harness.hardware import Device, cpu, gpu
    from darkwood_bench.harness.process import Cancelled, ModelProcess, WorkerCrash
    from darkwood_bench.harness.registry import (
        RegistryError,
        default_model,
        load_models,
        registered,
    )
    from darkwood_bench.harness.selection import Choice, choose_backend, converted_folder
    from darkwood_bench.harness.sizes import parse_bytes
    from darkwood_bench.harness.usage import RunUsage
    from darkwood_bench.harness.voting import Ran, Vote
    from darkwood_bench.harness.weights import (
        Weights,
        WeightsError,
        cached_weights,
        ensure_weights,
        weights_sha256,
    )

_HOMES = {
    "backends": (
        "Asked",
        "AskedTable",
        "Backend",
        "BackendError",
        "Completion",
        "Engine",
        "Mode",
        "PromptTooLong",
        "Request",
    ),
    "budgets": ("Budgets", "OverRam", "OverVram", "WorkerTimeout"),
    "decoding": ("Decoding",),
    "entries": ("ModelSpec", "ServerSpec", "SubmissionSpec", "WeightsSpec"),
    "extraction": ("extract_code",),
    "feedback": ("Problem", "correction"),
    "finishing": ("Checked", "Finishing"),
    "voting": ("Ran", "Vote"),
    "generation_ids": ("REVISION", "Prompt", "batch_id", "generation_id"),
    "generator": ("GenerationBatch", "Generator"),
    "hardware": ("Device", "cpu", "gpu"),
    "process": ("Cancelled", "ModelProcess", "WorkerCrash"),
    "registry": ("RegistryError", "default_model", "load_models", "registered"),
    "selection": ("Choice", "choose_backend", "converted_folder"),
    "sizes": ("parse_bytes",),
    "usage": ("RunUsage",),
    "weights": (
        "Weights",
        "WeightsError",
        "cached_weights",
        "ensure_weights",
        "weights_sha256",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "REVISION",
    "Asked",
    "AskedTable",
    "Backend",
    "BackendError",
    "Budgets",
    "Cancelled",
    "Checked",
    "Choice",
    "Completion",
    "Decoding",
    "Device",
    "Engine",
    "Finishing",
    "GenerationBatch",
    "Generator",
    "Mode",
    "ModelProcess",
    "ModelSpec",
    "OverRam",
    "OverVram",
    "Problem",
    "Prompt",
    "PromptTooLong",
    "Ran",
    "RegistryError",
    "Request",
    "RunUsage",
    "ServerSpec",
    "SubmissionSpec",
    "Vote",
    "Weights",
    "WeightsError",
    "WeightsSpec",
    "WorkerCrash",
    "WorkerTimeout",
    "batch_id",
    "cached_weights",
    "choose_backend",
    "converted_folder",
    "correction",
    "cpu",
    "default_model",
    "ensure_weights",
    "extract_code",
    "generation_id",
    "gpu",
    "load_models",
    "parse_bytes",
    "registered",
    "weights_sha256",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
