"""Requests put to a model's process, in either mode; each outcome is told as it comes.

A request that ends the worker (a crash, a budget) is an outcome like any other: the rest is asked
of a fresh worker, whose loading is in nobody's time.
"""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import uuid4

from darkwood_bench.harness.backends import BackendError, Completion, Request
from darkwood_bench.harness.budgets import OverRam, OverVram, WorkerTimeout
from darkwood_bench.harness.finishing import Final
from darkwood_bench.harness.metering import process_tree
from darkwood_bench.harness.process import ModelProcess, WorkerCrash
from darkwood_bench.harness.readings import Spent, Stopwatch

_ENDED = (WorkerCrash, WorkerTimeout, OverRam, OverVram)


@dataclass(frozen=True)
class Outcome:
    """How one request ended."""

    answer: Completion | BackendError
    spent: Spent
    """From request to final code. In a batch from the batch's start, so that the greatest of its
    outcomes is the batch's own."""
    batch: str | None
    """Names the batch that it was asked in; None where it was asked alone."""
    final: Final | None = None
    """The code; None where there is no answer to take it from."""
    finish_s: float | None = None
    """Of the time spent, from text to final code: extraction, static repair, the dry run."""


Finish = Callable[[int, str, float], Final]
"""Makes the final code from the text that answers a request, in so many seconds at most; its time
is the answer's."""
Tell = Callable[[int, Outcome], Request | None]
"""Takes the number of a request and how it ended; gives what is asked next instead, if anything."""


def one_by_one(
    process: ModelProcess,
    start: Callable[[], None],
    requests: Sequence[Request],
    timeout_s: float,
    finish: Finish,
    tell: Tell,
) -> None:
    """Ask one request at a time; `start` sees to it that the process has a worker.

    What is to be asked next is asked at once, while the engine still holds what went before; all
    that follows from one request, with its dry runs, shares `timeout_s`.

    Raises BackendError when the weights do not load.
    """
    for number, first in enumerate(requests):
        request: Request | None = first
        left_s = timeout_s
        while request is not None:
            start()
            watch = _watch(process)
            began = time.perf_counter()
            final, finish_s = None, None
            try:
                answer = process.complete(request, left_s)
                remains_s = left_s - (time.perf_counter() - began)
                # T runs to the final code.
                final, finish_s = _finished(finish, number, answer.text, remains_s)
            except BackendError as error:
                answer = error
            spent = watch.spent()
            left_s -= spent.wall_s
            if left_s < 0 and final is not None:
                answer, final = WorkerTimeout(f"no final code within {timeout_s:g} s"), None
            process.meter.sample()
            request = tell(number, Outcome(answer, spent, None, final, finish_s))


def together(
    process: ModelProcess,
    start: Callable[[], None],
    requests: Sequence[Request],
    slots: int,
    timeout_s: float,
    finish: Finish,
    tell: Tell,
) -> None:
    """Ask all requests at once, of an engine that works on `slots` of them at a time.

    Nothing is asked next: `tell` must give None.

    When the worker ends, the requests that it was working on failed, which are the first `slots`
    of those that were not done. Raises BackendError when the weights do not load.
    """
    left = list(range(len(requests)))
    while left:
        start()
        batch = uuid4().hex
        asked = list(left)
        watch = _watch(process)

        def done(
            number: int,
            answer: Completion | BackendError,
            *,
            asked: Sequence[int] = asked,
            watch: Stopwatch = watch,
            batch: str = batch,
        ) -> None:
            final, finish_s = None, None
            if isinstance(answer, Completion):
                final, finish_s = _finished(finish, asked[number], answer.text, timeout_s)
            spent = watch.spent()
            process.meter.sample()
            left.remove(asked[number])
            tell(asked[number], Outcome(answer, spent, batch, final, finish_s))

        failed: BackendError
        try:
            process.complete_many([requests[number] for number in asked], timeout_s, done)
            failed = BackendError("the engine ended the batch without an answer to this request")
            n_failed = len(left)
        except _ENDED as error:
            failed, n_failed = error, slots
        except BackendError as error:
            failed, n_failed = error, len(left)
        spent = watch.spent()
        for number in left[:n_failed]:
            left.remove(number)
            tell(number, Outcome(failed, spent, batch))


def _finished(finish: Finish, number: int, text: str, left_s: float) -> tuple[Final, float]:
    """The final code, and the seconds that it took to come by."""
    began = time.perf_counter()
    final = finish(number, text, left_s)
    return final, time.perf_counter() - began


def at_work(process: ModelProcess) -> list[int]:
    """The processes that make an answer: the model's, and ours, such as those of dry runs."""
    return sorted({*process.meter.members(), *process_tree(os.getpid())[1:]})


def _watch(process: ModelProcess) -> Stopwatch:
    return Stopwatch(lambda: at_work(process), gpu=process.on_gpu)
