"""llama.cpp beside busy processes: threads that wait long for one another against short waits.

Two workers with the same weights and the same prompt take turns, answer by answer, first on the
machine as it is, then with one more busy process, then with two. Prints the ratio of the times of
each pair: libgomp's default wait over the short one that `harness/process.py` sets.

    .venv/bin/python benchmarks/contention.py --model qwen2.5-coder-0.5b --answers 5
"""

import argparse
import multiprocessing
import os
import time
from statistics import median

from darkwood_bench.harness import (
    Decoding,
    ModelProcess,
    Request,
    choose_backend,
    converted_folder,
    ensure_weights,
    load_models,
)
from darkwood_bench.harness.process import SPIN_COUNT
from darkwood_bench.settings import settings_from_env

DEFAULT_SPINS = "300000"
"""What libgomp takes where neither OMP_WAIT_POLICY nor GOMP_SPINCOUNT is set."""
QUESTION = (
    {"role": "user", "content": "Write a Python function that sorts numbers, and explain."},
)


def main() -> None:
    """Start both workers, ask them in turns under growing load, print ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default="qwen2.5-coder-0.5b")
    parser.add_argument("--answers", type=int, default=5, help="pairs of answers at each load")
    options = parser.parse_args()
    decoding = Decoding(max_tokens=60)
    long_wait = start(options.model, decoding, {SPIN_COUNT: DEFAULT_SPINS})
    short_wait = start(options.model, decoding, {})
    request = Request(QUESTION, decoding)
    for busy in (0, 1, 2):
        others = [multiprocessing.Process(target=burn, daemon=True) for _ in range(busy)]
        for other in others:
            other.start()
        ratios = [
            timed(long_wait, request) / timed(short_wait, request) for _ in range(options.answers)
        ]
        for other in others:
            other.kill()
        print(
            f"{busy} more busy processes: the default wait took {median(ratios):.2f} x as long "
            f"(from {min(ratios):.2f} to {max(ratios):.2f}, {len(ratios)} pairs)",
            flush=True,
        )
    for process in (long_wait, short_wait):
        process.close()


def start(model: str, decoding: Decoding, environment: dict[str, str]) -> ModelProcess:
    """A loaded and warmed-up worker whose environment has these variables as well."""
    settings = settings_from_env()
    spec = load_models(settings.models)[model].model_copy(update={"backend": "llamacpp"})
    weights = ensure_weights(spec, settings.cache)
    converted = converted_folder(settings.cache, weights.sha256)
    choice = choose_backend(spec, decoding, converted)
    process = ModelProcess(choice.name, choice.engine, weights.path)
    before = dict(os.environ)
    os.environ.update(environment)
    process.start()
    os.environ.clear()
    os.environ.update(before)
    process.complete(Request(QUESTION, decoding), timeout_s=600)
    return process


def timed(process: ModelProcess, request: Request) -> float:
    """Seconds of one answer, on the caller's clock."""
    started = time.perf_counter()
    process.complete(request, timeout_s=600)
    return time.perf_counter() - started


def burn() -> None:
    """Want a core for ever."""
    while True:
        pass


if __name__ == "__main__":
    main()
