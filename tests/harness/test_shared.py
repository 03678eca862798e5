"""A model's process that many ask at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from darkwood_bench.harness import Decoding, ModelProcess, PromptTooLong, Request, WorkerCrash
from darkwood_bench.harness.backends import Engine, Interrupted
from darkwood_bench.harness.shared import SharedProcess

ANSWERS = """
answers:
  - {match: long, delay_s: 60, text: never}
  - {match: crash, crash: true}
  - {match: one, text: first}
  - {match: two, text: second}
"""
DECODING = Decoding(context=64, threads=1)
WAIT_S = 60


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[SharedProcess]:
    weights = tmp_path / "answers.yaml"
    weights.write_text(ANSWERS)
    engine = Engine("cpu", "", 64, 1, tmp_path, "batched")
    process = SharedProcess(ModelProcess("scripted", engine, weights))
    process.start(lambda _: None)
    yield process
    process.close()


def asked(text: str) -> Request:
    return Request(({"role": "user", "content": text},), DECODING)


def silent(tokens: int) -> None:
    assert tokens > 0


def test_each_is_given_the_answer_to_its_own_request(shared: SharedProcess) -> None:
    answers = [shared.ask(asked(text), silent)[1] for text in ("one", "two") * 10]
    texts = [answer.result(WAIT_S).text for answer in answers]
    assert texts == ["first", "second"] * 10


def test_one_that_is_given_up_ends_and_the_others_do_not(shared: SharedProcess) -> None:
    number, given_up = shared.ask(asked("long"), silent)
    shared.stop(number)
    with pytest.raises(Interrupted):
        given_up.result(WAIT_S)
    assert shared.ask(asked("one"), silent)[1].result(WAIT_S).text == "first"
    shared.stop(number)  # over: nothing happens


def test_a_refusal_is_of_its_class(shared: SharedProcess) -> None:
    with pytest.raises(PromptTooLong):
        shared.ask(asked("one " * 100), silent)[1].result(WAIT_S)


def test_when_the_worker_ends_nobody_waits_and_another_can_be_started(
    shared: SharedProcess,
) -> None:
    waiting = [shared.ask(asked(text), silent)[1] for text in ("long", "crash")]
    for answer in waiting:
        with pytest.raises(WorkerCrash):
            answer.result(WAIT_S)
    with pytest.raises(WorkerCrash):
        shared.ask(asked("one"), silent)
    shared.start(lambda _: None)
    shared.start(lambda _: None)  # it is there
    assert shared.ask(asked("one"), silent)[1].result(WAIT_S).text == "first"


def test_killing_it_ends_what_is_under_way(shared: SharedProcess) -> None:
    answer = shared.ask(asked("long"), silent)[1]
    shared.kill()
    with pytest.raises(WorkerCrash):
        answer.result(WAIT_S)
