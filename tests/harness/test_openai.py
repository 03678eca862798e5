"""The client of OpenAI-compatible servers: on llama.cpp's own with real weights, and on a small
one that replies as it is told. What every backend must do is in test_conformance.py."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from asking import asked
from chat_server import ChatServer, Reply, chat_server
from hypothesis import given
from hypothesis import strategies as st
from llama_server import KEY, llama_server

from darkwood_bench.harness import (
    BackendError,
    Completion,
    Decoding,
    Engine,
    Generator,
    ModelProcess,
    PromptTooLong,
    Request,
    ServerSpec,
    WeightsSpec,
    choose_backend,
    ensure_weights,
)
from darkwood_bench.harness.backends import BackendUnavailable, openai_client, openai_retry
from darkwood_bench.harness.backends.openai import OpenAI, request_body
from darkwood_bench.harness.backends.openai_retry import (
    FIRST_S,
    LONGEST_S,
    Pace,
    backoff_s,
    retry_after_s,
)
from darkwood_bench.journal import Journal
from darkwood_bench.settings import settings_from_env
from darkwood_bench.tables import GENERATIONS, RUNS, pandera_schema

DECODING = Decoding(max_tokens=8, threads=1)
ASKED = Request(({"role": "user", "content": "Name three cards."},), DECODING)
Serving = Callable[..., tuple[OpenAI, ChatServer]]
SECRET = "sk-no-one-may-see-this"


def _spec(base_url: str, **fields: Any) -> ServerSpec:
    server = {"base_url": base_url, "model": "tiny", "tries": 3, **fields}
    return ServerSpec.model_validate({"title": "Served", "server": server})


def _engine(folder: Path, slots: int = 1) -> Engine:
    mode = "sequential" if slots == 1 else "batched"
    return Engine("cpu", "", 4096, 1, folder, mode, slots)


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the client would have slept, each time, without its random part."""
    slept: list[float] = []
    monkeypatch.setattr(openai_client, "backoff_s", lambda failures: 0.0)
    monkeypatch.setattr(openai_client.time, "sleep", slept.append)
    return slept


@pytest.fixture
def serving(tmp_path: Path, naps: list[float]) -> Iterator[Serving]:
    """A backend that has loaded, and its server, which then gives these replies."""
    servers = []

    def make(*replies: Reply, slots: int = 1, **fields: Any) -> tuple[OpenAI, ChatServer]:
        context = chat_server(Reply(), *(replies or (Reply(),)))
        servers.append(context)
        server = context.__enter__()
        backend = OpenAI(_engine(tmp_path, slots))
        backend.load(ensure_weights(_spec(server.base_url, **fields), tmp_path).path)
        server.requests.clear()
        naps.clear()
        return backend, server

    yield make
    for context in servers:
        context.__exit__(None, None, None)


def test_a_streamed_answer_with_its_counts(serving: Serving) -> None:
    backend, server = serving()
    answer = backend.generate(ASKED)
    assert answer.ttft_s is not None
    assert answer.ttft_s > 0
    assert answer == Completion("result = 1", 7, 3, 2, answer.ttft_s, "stop")
    [sent] = server.requests
    assert (sent["model"], sent["max_tokens"], sent["temperature"]) == ("tiny", 8, 0.0)
    assert sent["stream_options"] == {"include_usage": True}
    assert "stop" not in sent
    assert server.paths[-1] == "/v1/chat/completions"
    assert server.keys[-1] is None


def test_an_answer_that_is_not_streamed(serving: Serving) -> None:
    backend, server = serving(Reply(finish="length"), stream=False)
    answer = backend.generate(ASKED)
    assert (answer.text, answer.finish_reason) == ("result = 1", "length")
    assert "stream_options" not in server.requests[0]


@pytest.mark.parametrize(
    ("usage", "cached"),
    [
        ({"prompt_tokens": 9, "completion_tokens": 1}, 0),
        ({"prompt_tokens": 9, "completion_tokens": 1, "prompt_tokens_details": None}, 0),
        ({"prompt_tokens": 9, "completion_tokens": 1, "prompt_cache_hit_tokens": 4}, 4),
    ],
)
def test_cached_tokens_where_the_server_counts_them(
    serving: Serving, usage: dict[str, Any], cached: int
) -> None:
    backend, _ = serving(Reply(usage=usage))
    assert backend.generate(ASKED).cached_tokens == cached


def test_tokens_that_the_server_does_not_count_are_not_made_up(serving: Serving) -> None:
    backend, _ = serving(Reply(usage=None))
    answer = backend.generate(ASKED)
    assert answer.text == "result = 1"
    assert (answer.prompt_tokens, answer.cached_tokens, answer.completion_tokens) == (None,) * 3


@pytest.mark.parametrize("odd", ["12", 1.5, -1, True, None, {}])
def test_a_count_that_is_no_number_of_tokens_is_unknown(serving: Serving, odd: Any) -> None:
    usage = {"prompt_tokens": odd, "completion_tokens": odd, "prompt_tokens_details": odd}
    backend, _ = serving(Reply(usage=usage))
    answer = backend.generate(ASKED)
    assert (answer.prompt_tokens, answer.cached_tokens, answer.completion_tokens) == (None, 0, None)


def test_half_of_a_surrogate_pair_is_an_answer_that_can_be_kept(
    tmp_path: Path, journal: Journal
) -> None:
    choice = {"message": {"content": "result = '\ud800'"}, "finish_reason": "stop"}
    with chat_server(Reply(), Reply(body={"choices": [choice]})) as server:
        spec = _spec(server.base_url, stream=False)
        with Generator("far", spec, DECODING, journal, tmp_path / "cache") as generator:
            batch = generator.run([asked("How many cards?")], prompt_variant="minimal")
    assert batch.rows[0]["code"] == "result = '?'"
    journal.compact()
    [kept] = journal.read().values()
    assert kept["raw_text"] == "result = '?'"


def test_batches_of_another_size_are_other_answers(tmp_path: Path, journal: Journal) -> None:
    prompts = [asked("How many?"), asked("How much?", "cards/b")]
    backends, reused = [], []
    with chat_server() as server:
        for slots in (2, 2, 3):
            spec = _spec(server.base_url, concurrency=slots)
            with Generator("far", spec, DECODING, journal, tmp_path, mode="batched") as generator:
                batch = generator.run(prompts, prompt_variant="minimal")
            backends.append(batch.usage.backend)
            reused.append(batch.usage.n_reused)
    assert backends == ["openai 1 (2 at once)"] * 2 + ["openai 1 (3 at once)"]
    assert reused == [0, 2, 0]


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 529])
def test_a_server_out_of_breath_is_asked_again(serving: Serving, status: int) -> None:
    backend, server = serving(Reply(status, {"error": {"message": "later"}}), Reply())
    assert backend.generate(ASKED).text == "result = 1"
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "reply",
    [
        Reply(breaks_off=True),
        Reply(finish=None),
        Reply(body="<html>a proxy's page</html>", status=200),
        Reply(body='data: {"error": {"message": "slot lost", "code": 500}}\n\n'),
        Reply(body='data: {"error": "overloaded"}\n\n'),
    ],
    ids=["cut", "unfinished", "no stream", "error in the stream", "words in the stream"],
)
def test_an_answer_that_breaks_off_is_asked_for_again(serving: Serving, reply: Reply) -> None:
    backend, server = serving(reply, Reply())
    assert backend.generate(ASKED).text == "result = 1"
    assert len(server.requests) == 2


def test_tries_come_to_an_end(serving: Serving) -> None:
    backend, server = serving(Reply(503, {"error": {"message": "later"}}))
    with pytest.raises(BackendUnavailable, match=r"/v1: HTTP 503: later \(tried 3 times\)"):
        backend.generate(ASKED)
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "refuses: HTTP 400: no such field"),
        (422, "refuses: HTTP 422: no such field"),
        (401, "HTTP 401: no such field; give api_key_env in its entry"),
        (404, "HTTP 404: no such field; are base_url and model right?"),
        (301, "HTTP 301: no such field; base_url is elsewhere"),
    ],
)
def test_what_asking_again_cannot_mend_is_asked_once(
    serving: Serving, status: int, words: str
) -> None:
    backend, server = serving(Reply(status, {"error": {"message": "no such\nfield"}}))
    with pytest.raises(BackendError) as error:
        backend.generate(ASKED)
    assert words in str(error.value)
    assert isinstance(error.value, BackendUnavailable) is (status not in (400, 422))
    assert len(server.requests) == 1


def test_a_server_that_wants_a_rest_gets_it(
    serving: Serving, naps: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    rests: list[float] = []
    monkeypatch.setattr(Pace, "rest", lambda _, seconds: rests.append(seconds))
    backend, _ = serving(Reply(429, "slow down", {"Retry-After": "7"}), Reply())
    backend.generate(ASKED)
    assert rests == naps == [7.0]
    backend, server = serving(Reply(429, "used up", {"Retry-After": "3600"}))
    with pytest.raises(BackendUnavailable, match="used up; it asks to be left alone for 3600 s"):
        backend.generate(ASKED)
    assert len(server.requests) == 1


@given(failures=st.integers(1, 60), draw=st.floats(0, 1, exclude_max=True))
def test_waits_are_anything_up_to_a_bound_that_doubles(failures: int, draw: float) -> None:
    assert 0 <= backoff_s(failures, lambda: draw) <= min(LONGEST_S, FIRST_S * 2.0 ** (failures - 1))


@given(st.integers(0, 10**6))
def test_a_rest_is_given_in_seconds_or_as_a_date(seconds: int) -> None:
    now = 1_800_000_000
    assert retry_after_s({"retry-after": str(seconds)}, now) == seconds
    assert retry_after_s({"retry-after": formatdate(now + seconds, usegmt=True)}, now) == seconds
    assert retry_after_s({"retry-after": formatdate(now - seconds, usegmt=True)}, now) == 0
    assert retry_after_s({"retry-after": "soon"}, now) is None
    assert retry_after_s({}, now) is None


class _Clock:
    """Time that only passes in sleep."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_requests_begin_no_faster_than_agreed(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = _Clock()
    monkeypatch.setattr(openai_retry, "time", clock)
    pace, begun = Pace(per_minute=30), []
    for _ in range(4):
        pace.wait()
        begun.append(clock.now)
    assert begun == [100.0, 102.0, 104.0, 106.0]
    pace.rest(10)
    pace.wait()
    assert clock.now == 116.0
    free = Pace(per_minute=None)
    for _ in range(100):
        free.wait()
    assert clock.now == 116.0


@pytest.mark.parametrize(
    "error",
    [
        {"message": "Please reduce the length", "code": "context_length_exceeded"},
        {"message": "This model's maximum context length is 4096 tokens. However, you have 5000"},
        {"message": "request (831 tokens) exceeds the available context size (256 tokens)"},
        {"message": "The prompt is too long: 9000 tokens"},
    ],
    ids=["OpenAI", "vLLM", "llama.cpp", "others"],
)
def test_a_prompt_that_does_not_fit_is_known_by_its_words(
    serving: Serving, error: dict[str, str]
) -> None:
    backend, server = serving(Reply(400, {"error": error}))
    with pytest.raises(PromptTooLong) as raised:
        backend.generate(ASKED)
    assert str(raised.value) == error["message"]
    assert len(server.requests) == 1


def test_an_answer_that_a_filter_withheld_is_an_error(serving: Serving) -> None:
    backend, _ = serving(Reply(finish="content_filter"))
    with pytest.raises(BackendError, match="withheld the answer"):
        backend.generate(ASKED)


def test_what_is_sent_follows_the_entry() -> None:
    def sent(rules: str | None = None, **fields: Any) -> dict[str, Any]:
        request = Request(ASKED.messages, Decoding(max_tokens=5, threads=1, stop=("x",)), rules)
        return request_body(_spec("http://here/v1", **fields).server, request)

    assert sent()["stop"] == ["x"]
    assert sent(max_tokens_field="max_completion_tokens")["max_completion_tokens"] == 5
    own = sent(body={"seed": None, "reasoning_effort": "low", "temperature": 1})
    assert "seed" not in own
    assert (own["reasoning_effort"], own["temperature"]) == ("low", 1)
    assert "top_k" not in sent()
    assert (sent(dialect="llama.cpp")["top_k"], sent(dialect="vllm")["top_k"]) == (0, -1)
    assert sent("root ::= x", grammar="llama.cpp")["grammar"] == "root ::= x"
    assert sent("root ::= x", grammar="vllm")["structured_outputs"] == {"grammar": "root ::= x"}
    assert sent("root ::= x", grammar="guided")["guided_grammar"] == "root ::= x"
    with pytest.raises(BackendError, match="not known to take grammars; say how it does in server"):
        sent("root ::= x")


def test_requests_are_in_flight_together_and_each_is_done_once(serving: Serving) -> None:
    backend, server = serving(slots=3, concurrency=3)
    server.together = threading.Barrier(3)
    answers: dict[int, Any] = {}
    backend.generate_many([ASKED] * 6, lambda number, answer: answers.update({number: answer}))
    assert sorted(answers) == list(range(6))
    assert {answer.text for answer in answers.values()} == {"result = 1"}


def test_a_failed_request_does_not_end_the_others(serving: Serving) -> None:
    backend, _ = serving(Reply(400, {"detail": "no"}), Reply(), slots=2)
    answers: dict[int, Any] = {}
    backend.generate_many([ASKED] * 3, lambda number, answer: answers.update({number: answer}))
    assert sum(isinstance(answer, BackendError) for answer in answers.values()) == 1
    assert sum(isinstance(answer, Completion) for answer in answers.values()) == 2


def test_a_silent_server_is_left_alone_when_the_time_is_over_and_others_are_answered(
    serving: Serving,
) -> None:
    """Each request of a batch has its own time, whatever comes of those beside it."""
    backend, server = serving(Reply(delay_s=3.0), Reply(), slots=2, timeout_s=60)
    limited = replace(ASKED, limit_s=0.4)
    answers: dict[int, Any] = {}
    began = time.monotonic()
    backend.generate_many([limited] * 3, lambda number, answer: answers.update({number: answer}))
    assert time.monotonic() - began < 2.5
    [late] = [answer for answer in answers.values() if isinstance(answer, BackendError)]
    assert (late.kind, late.transient) == ("timeout", False)
    assert str(late) == "no answer within 0.4 s; the server was left alone"
    assert sum(isinstance(answer, Completion) for answer in answers.values()) == 2
    assert len(server.requests) == 3


def test_the_key_goes_to_the_server_and_nowhere_else(
    tmp_path: Path, naps: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", f" {SECRET}\n")
    echo = {"error": {"message": f"Incorrect API key provided: {SECRET}"}}
    with chat_server(Reply(), Reply(401, echo), Reply(400, echo), Reply(500, echo)) as server:
        spec = _spec(server.base_url, api_key_env="MY_KEY")
        weights = ensure_weights(spec, tmp_path / "cache")
        backend = OpenAI(_engine(tmp_path))
        backend.load(weights.path)
        assert server.keys == [f"Bearer {SECRET}"]
        for _ in range(3):
            with pytest.raises(BackendError) as error:
                backend.generate(ASKED)
            assert SECRET not in str(error.value)
            assert "***" in str(error.value)
        padding = "x" * 480  # so that the key lies where a long text is cut
        server.replies.append(Reply(400, {"error": {"message": f"{padding} {SECRET}"}}))
        with pytest.raises(BackendError) as error:
            backend.generate(ASKED)
        assert SECRET[:4] not in str(error.value)
        assert SECRET not in weights.path.read_text() + weights.sha256


@pytest.mark.parametrize("key", [None, "", " ", "two words", "ключ"])
def test_a_key_that_is_none_is_named_before_anything_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str | None
) -> None:
    if key is None:
        monkeypatch.delenv("MY_KEY", raising=False)
    else:
        monkeypatch.setenv("MY_KEY", key)
    with chat_server() as server:
        weights = ensure_weights(_spec(server.base_url, api_key_env="MY_KEY"), tmp_path)
        with pytest.raises(BackendError, match="MY_KEY") as error:
            OpenAI(_engine(tmp_path)).load(weights.path)
        assert server.requests == []
    assert not key or not key.strip() or key not in str(error.value)


def test_a_server_that_is_not_there_is_named(tmp_path: Path, naps: list[float]) -> None:
    with chat_server() as server:
        gone = server.base_url
    weights = ensure_weights(_spec(gone), tmp_path)
    with pytest.raises(BackendUnavailable, match=rf"{gone}: .*refused.* \(tried 3 times\)"):
        OpenAI(_engine(tmp_path)).load(weights.path)


PRICE = {"prompt": 1.0, "completion": 10.0}


@pytest.mark.parametrize(
    ("price", "expected"),
    [
        (None, None),
        (PRICE, (7 * 1 + 2 * 10) / 1e6),
        ({**PRICE, "cached": 0.5}, (4 * 1 + 3 * 0.5 + 2 * 10) / 1e6),
    ],
)
def test_a_run_costs_what_its_tokens_do(
    tmp_path: Path, journal: Journal, price: dict[str, float] | None, expected: float | None
) -> None:
    with chat_server() as server:
        spec = _spec(server.base_url, price_per_million=price)
        with Generator("far", spec, DECODING, journal, tmp_path / "cache") as generator:
            batch = generator.run(
                [asked("How many?"), asked("How much?", "cards/b")], prompt_variant="minimal"
            )
    assert batch.usage.cost == (None if expected is None else pytest.approx(2 * expected))


def test_a_row_says_where_it_was_answered_and_claims_no_memory(
    tmp_path: Path, journal: Journal
) -> None:
    with chat_server() as server:
        spec = _spec(server.base_url)
        with Generator("far", spec, DECODING, journal, tmp_path / "cache") as generator:
            batch = generator.run([asked("How many cards?")], prompt_variant="minimal")
    [row] = batch.rows
    assert (row["code"], row["prompt_tokens"], row["cached_tokens"]) == ("result = 1", 7, 3)
    assert (row["weights_sha256"], row["backend"]) == (spec.identity, "openai 1")
    usage = batch.usage.row()
    assert (usage["peak_ram_bytes"], usage["peak_vram_bytes"]) == (None, None)
    assert usage["device"].startswith(f"server 127.0.0.1:{server.server_port} on ")
    pandera_schema(GENERATIONS).validate(GENERATIONS.frame(batch.rows))
    assert RUNS.columns["peak_ram_bytes"].nullable


def test_a_server_that_was_gone_is_asked_again_by_the_next_run(
    tmp_path: Path, journal: Journal
) -> None:
    prompts = [asked("How many cards?")]
    down = Reply(503, {"error": {"message": "down"}})
    with chat_server(Reply(), down, Reply()) as server:
        spec = _spec(server.base_url, tries=1)
        texts = []
        for _ in range(2):
            with Generator("far", spec, DECODING, journal, tmp_path / "cache") as generator:
                row = generator.run(prompts, prompt_variant="minimal").rows[0]
                texts.append((row["finish_reason"], row["code"]))
    assert texts == [("error", None), ("stop", "result = 1")]


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """llama.cpp's server with SmolLM2, two slots of 512 tokens."""
    from darkwood_bench.harness import load_models

    spec = load_models(Path(__file__).parents[1] / "registries" / "models.yaml")["smollm2-135m"]
    assert isinstance(spec, WeightsSpec)
    weights = ensure_weights(spec, settings_from_env().cache)
    with llama_server(weights.path, 512, slots=2) as url:
        yield url


@pytest.fixture
def process(llama: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelProcess]:
    monkeypatch.setenv("LLAMA_KEY", KEY)
    fields = {"dialect": "llama.cpp", "grammar": "llama.cpp", "concurrency": 2}
    spec = _spec(llama, api_key_env="LLAMA_KEY", **fields)
    weights = ensure_weights(spec, tmp_path)
    choice = choose_backend(spec, DECODING, tmp_path, mode="batched")
    started = ModelProcess(choice.name, choice.engine, weights.path)
    started.start()
    yield started
    started.close()


@pytest.mark.real_model
def test_a_real_server_holds_an_answer_to_a_grammar(process: ModelProcess) -> None:
    request = Request(ASKED.messages, DECODING, grammar='root ::= "ace" | "king"')
    assert process.complete(request, 60).text in ("ace", "king")
    with pytest.raises(BackendError, match=r"refuses: HTTP 400: .*grammar"):
        process.complete(Request(ASKED.messages, DECODING, grammar="root ::= ("), 60)


@pytest.mark.real_model
def test_a_real_server_answers_several_at_once_as_one_by_one(process: ModelProcess) -> None:
    questions = ["Name a card.", "Name a town.", "Name a river.", "Name a tree."]
    requests = [Request(({"role": "user", "content": text},), DECODING) for text in questions]
    together: dict[int, Any] = {}
    process.complete_many(requests, 60, lambda number, answer: together.update({number: answer}))
    alone = [process.complete(request, 60).text for request in requests]
    assert [together[number].text for number in range(4)] == alone


@pytest.mark.real_model
def test_a_stopped_client_leaves_no_work_behind(process: ModelProcess, llama: str) -> None:
    import httpx2

    long = Request(ASKED.messages, Decoding(max_tokens=450, threads=1), 'root ::= "card " root')
    with pytest.raises(BackendError, match="no answer within"):
        process.complete(long, 0.5)
    process.start()
    assert process.complete(ASKED, 60).text
    slots = httpx2.get(
        llama.replace("/v1", "/slots"),
        headers={"Authorization": f"Bearer {KEY}"},
        trust_env=False,
    )
    assert [slot["is_processing"] for slot in json.loads(slots.text)] == [False, False]
