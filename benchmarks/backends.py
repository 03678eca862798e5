"""llama.cpp against transformers: the same weights, prompts and machine, taking turns.

Greedy, one request at a time, each engine in its own process, as in a run. The prompts are the
examples split under one variant, never the test split. Prints, a prompt, how many times as long
transformers took, then the median ratio with its lowest and highest, the loads and the peaks.

    .venv/bin/pip install -c constraints.txt -e '.[transformers]'
    .venv/bin/python benchmarks/backends.py --model smollm2-135m --prompts 8
"""

import argparse
import time
from collections.abc import Sequence
from statistics import median

from darkwood_bench.assets.bank import open_bank
from darkwood_bench.harness import (
    Decoding,
    ModelProcess,
    Request,
    choose_backend,
    converted_folder,
    ensure_weights,
    load_models,
)
from darkwood_bench.prompting import Message, Question, build_messages, load_variants
from darkwood_bench.settings import Settings, settings_from_env

ENGINES = ("llamacpp", "transformers")


def main() -> None:
    """Load both engines, ask them in turns, print ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="smollm2-135m")
    parser.add_argument("--variant", default="schema")
    parser.add_argument("--prompts", type=int, default=8)
    parser.add_argument("--max-tokens", type=int, default=64)
    options = parser.parse_args()
    settings = settings_from_env()
    spec = load_models(settings.models)[options.model]
    weights = ensure_weights(spec, settings.cache)
    decoding = Decoding(max_tokens=options.max_tokens)
    engines = {}
    for name in ENGINES:
        converted = converted_folder(settings.cache, weights.sha256)
        choice = choose_backend(spec.model_copy(update={"backend": name}), decoding, converted)
        engines[name] = ModelProcess(choice.name, choice.engine, weights.path)
        engines[name].start()
    prompts = example_prompts(settings, options.variant)[: options.prompts]
    ratios = []
    for number, messages in enumerate(prompts, start=1):
        request = Request(messages, decoding)
        # Each goes first every other time, so that neither always has the warmer machine.
        order = ENGINES if number % 2 else ENGINES[::-1]
        seconds = {name: timed(engines[name], request) for name in order}
        ratios.append(seconds["transformers"] / seconds["llamacpp"])
        print(f"prompt {number} of {len(prompts)}: transformers took {ratios[-1]:.1f} x as long")
    print(f"transformers / llamacpp: {spread(ratios)} over {len(ratios)} prompts")
    for name, engine in engines.items():
        ram_gb = engine.meter.peak_ram_bytes / 1e9
        print(f"{name}: loaded in {engine.load_s:.1f} s, {ram_gb:.2f} GB")
        engine.close()


def example_prompts(settings: Settings, variant_name: str) -> list[list[Message]]:
    """The messages of each example of the bank, asked as if it were a task."""
    bank = open_bank(settings, lambda _: None)
    variant = load_variants(settings.variants)[variant_name]
    return [
        build_messages(variant, Question(task.task_id, task.question, schemas), [])
        for task in bank.all_tasks()
        if task.split == "examples"
        for schemas in [bank.schema_texts({"suite": task.suite, "tables": task.tables})]
    ]


def timed(engine: ModelProcess, request: Request) -> float:
    """Seconds of one answer, on the caller's clock."""
    started = time.perf_counter()
    engine.complete(request, timeout_s=600)
    return time.perf_counter() - started


def spread(ratios: Sequence[float]) -> str:
    """The median of some ratios, with the lowest and the highest."""
    return f"median {median(ratios):.2f} x, from {min(ratios):.2f} to {max(ratios):.2f}"


if __name__ == "__main__":
    main()
