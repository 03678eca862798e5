"""Several servers of one model: some reply as they are told, two are llama.cpp's with SmolLM2."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from asking import asked
from chat_server import ChatServer, Reply, chat_server
from free_port import free_port
from llama_server import KEY, LlamaServer, start_llama_server
from metrics_server import metrics_server

from darkwood_bench.harness import (
    Decoding,
    Engine,
    Generator,
    Request,
    ServerSpec,
    WeightsSpec,
    ensure_weights,
    load_models,
)
from darkwood_bench.harness.backends import BackendError, BackendUnavailable, openai_fleet
from darkwood_bench.harness.backends.openai import OpenAI
from darkwood_bench.harness.backends.openai_fleet import Fleet
from darkwood_bench.harness.server_entry import Gauge
from darkwood_bench.harness.server_memory import ServerMemoryError, read_gauge, samples
from darkwood_bench.journal import Journal
from darkwood_bench.scoring import score
from darkwood_bench.settings import settings_from_env
from darkwood_bench.tables import GENERATIONS

DECODING = Decoding(max_tokens=8, threads=1)
ASKED = Request(({"role": "user", "content": "Name three cards."},), DECODING)
REGISTRY = Path(__file__).parents[1] / "registries" / "models.yaml"
BUSY = Reply(503, {"error": "busy"}, headers={"Retry-After": "0.3"})


def spec_of(urls: list[str], **fields: Any) -> ServerSpec:
    server = {"base_url": urls[0], "replicas": urls[1:], "model": "tiny", "tries": 4, **fields}
    return ServerSpec.model_validate({"title": "Served", "server": server})


def loaded(folder: Path, urls: list[str], per_server: int = 1, **fields: Any) -> OpenAI:
    slots = per_server * len(urls)
    engine = Engine("cpu", "", 4096, 1, folder, "batched" if slots > 1 else "sequential", slots)
    backend = OpenAI(engine)
    backend.load(ensure_weights(spec_of(urls, **fields), folder).path)
    return backend


def gone() -> str:
    """An address where nothing listens."""
    return f"http://127.0.0.1:{free_port()}/v1"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openai_fleet, "LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(openai_fleet, "NONE_LEFT_S", 0.3)


@pytest.fixture
def two() -> Iterator[tuple[ChatServer, ChatServer]]:
    with chat_server() as one, chat_server() as other:
        yield one, other


def many(backend: OpenAI, count: int) -> list[Any]:
    found: dict[int, Any] = {}
    backend.generate_many([ASKED] * count, lambda number, answer: found.update({number: answer}))
    return [found[number] for number in range(count)]


def test_requests_are_spread_and_each_answer_names_its_server(
    tmp_path: Path, two: tuple[ChatServer, ChatServer]
) -> None:
    urls = [server.base_url for server in two]
    backend = loaded(tmp_path, urls, per_server=2)
    barrier = threading.Barrier(4)
    for server in two:
        server.together = barrier  # none is answered before all four are in flight
    answers = many(backend, 4)
    assert Counter(answer.endpoint for answer in answers) == dict.fromkeys(urls, 2)
    assert {tuple(answer.failed_at) for answer in answers} == {()}
    backend.close()


def test_a_request_that_fails_goes_to_another_server(tmp_path: Path) -> None:
    broken = Reply(breaks_off=True)
    with chat_server(Reply(), broken) as first, chat_server() as second:
        backend = loaded(tmp_path, [first.base_url, second.base_url])
        answer = backend.generate(ASKED)
        assert (answer.text, answer.endpoint) == ("result = 1", second.base_url)
        assert answer.failed_at == (first.base_url,)
        backend.close()


def test_a_server_that_is_not_there_at_first_is_let_in_when_it_comes(tmp_path: Path) -> None:
    late = gone()
    with chat_server() as first:
        backend = loaded(tmp_path, [first.base_url, late], per_server=1)
        fleet = backend._client
        assert isinstance(fleet, Fleet)
        assert (fleet.endpoints[1].down or "").startswith(late)
        assert {answer.endpoint for answer in many(backend, 4)} == {first.base_url}
        port = int(late.rpartition(":")[2].removesuffix("/v1"))
        with chat_server(port=port):
            wait_for(lambda: fleet.endpoints[1].down is None)
            first.together = threading.Barrier(2)  # held until the other is asked too
            threading.Timer(0.2, first.together.wait).start()
            assert {answer.endpoint for answer in many(backend, 2)} == {first.base_url, late}
        backend.close()


def test_a_busy_server_is_given_less_and_earns_it_back(tmp_path: Path) -> None:
    with chat_server(Reply(), BUSY, Reply()) as first, chat_server() as second:
        backend = loaded(tmp_path, [first.base_url, second.base_url], per_server=4)
        fleet = backend._client
        assert isinstance(fleet, Fleet)
        busy = fleet.endpoints[0]
        answers = many(backend, 8)
        assert all(answer.text == "result = 1" for answer in answers)
        assert [list(answer.failed_at) for answer in answers].count([first.base_url]) == 1
        assert busy.room < 4
        assert busy.down is None
        wait_for(lambda: busy.has_room(time.monotonic()))
        while busy.room < 4:
            many(backend, 8)
        assert busy.room == 4
        backend.close()


def test_a_server_that_wants_another_key_is_left_out_and_not_asked_again(tmp_path: Path) -> None:
    with chat_server(Reply(), Reply(401, {"error": "no"})) as first, chat_server() as second:
        backend = loaded(tmp_path, [first.base_url, second.base_url])
        first.requests.clear()
        for _ in range(3):
            assert backend.generate(ASKED).endpoint == second.base_url
        time.sleep(0.2)
        assert len(first.requests) == 1
        backend.close()


def test_where_no_server_is_left_the_reasons_of_all_are_told(tmp_path: Path) -> None:
    one, other = gone(), gone()
    with pytest.raises(BackendUnavailable, match=f"{one}.*{other}"):
        loaded(tmp_path, [one, other], tries=1)
    with chat_server() as first, chat_server() as second:
        backend = loaded(tmp_path, [first.base_url, second.base_url])
    with pytest.raises(BackendUnavailable, match="no server answers"):
        backend.generate(ASKED)
    backend.close()


def test_a_request_that_is_wrong_is_not_sent_to_others(
    tmp_path: Path, two: tuple[ChatServer, ChatServer]
) -> None:
    backend = loaded(tmp_path, [server.base_url for server in two])
    for server in two:
        server.requests.clear()
        server.replies = [Reply(400, {"error": "no such field"})]
    with pytest.raises(BackendError, match="no such field"):
        backend.generate(ASKED)
    assert sum(len(server.requests) for server in two) == 1
    backend.close()


def test_an_address_is_named_once() -> None:
    with pytest.raises(ValueError, match="an address is there twice"):
        spec_of(["http://a/v1", "http://b/v1", "http://a/v1/"])


def test_more_servers_are_another_model_for_their_time_is_another() -> None:
    one = spec_of(["http://a/v1"])
    assert one.identity == spec_of(["http://a/v1"], concurrency=9).identity
    assert one.identity != spec_of(["http://a/v1", "http://b/v1"]).identity


PAGE = """
# HELP process_resident_memory_bytes Resident memory size in bytes.
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 2.5e9
DCGM_FI_DEV_FB_USED{gpu="0",UUID="GPU-1, x",device="nvidia0"} 1000
DCGM_FI_DEV_FB_USED{gpu="1",UUID="GPU-2",device="nvidia1"} 24
"""


def test_gauges_of_a_page() -> None:
    with metrics_server(PAGE) as agent:
        here = f"{agent.url.removesuffix('/metrics')}/v1"
        ram = Gauge(metric="process_resident_memory_bytes")
        assert read_gauge(ram, here) == 2_500_000_000
        vram = Gauge(metric="DCGM_FI_DEV_FB_USED", unit="MiB", url=agent.url)
        assert read_gauge(vram, "http://elsewhere/v1") == 1024 << 20
        only = Gauge(metric="DCGM_FI_DEV_FB_USED", unit="MiB", labels={"gpu": "1"}, url=agent.url)
        assert read_gauge(only, here) == 24 << 20
        with pytest.raises(ServerMemoryError, match="has no nothing"):
            read_gauge(Gauge(metric="nothing", url=agent.url), here)
    with pytest.raises(ServerMemoryError, match="/metrics: "):
        read_gauge(ram, here)
    assert samples("broken{\nx y\n") == []


@pytest.mark.real_model
@pytest.mark.parametrize("told", [True, False])
def test_two_real_servers_one_killed_in_the_middle(tmp_path: Path, told: bool) -> None:
    """Every prompt is answered once, as one server alone would, and the rows say where."""
    model = load_models(REGISTRY)["smollm2-135m"]
    assert isinstance(model, WeightsSpec)
    weights = ensure_weights(model, settings_from_env().cache)
    prompts = [asked(f"Count to {number}.", f"p{number}") for number in range(8)]
    decoding = Decoding(max_tokens=24, context=1024, threads=1)
    with ExitStack() as stack:
        servers = [
            stack.enter_context(start_llama_server(weights.path, 1024, slots=1)) for _ in range(2)
        ]
        memory = {}
        if told:
            agent = stack.enter_context(metrics_server(PAGE))
            gauge = {"metric": "process_resident_memory_bytes", "url": agent.url}
            memory = {"memory": {"ram": gauge, "vram": gauge}}
        stack.enter_context(pytest.MonkeyPatch.context()).setenv("FLEET_KEY", KEY)
        urls = [server.base_url for server in servers]
        fields = {"api_key_env": "FLEET_KEY", "dialect": "llama.cpp", "concurrency": 1, **memory}
        spec = spec_of(urls, **fields)
        journal = Journal(tmp_path / "fleet.jsonl", key="generation_id")
        killer = threading.Thread(target=kill_after_answers, args=(servers[0], journal.path, 2))
        killer.start()
        with Generator("fleet", spec, decoding, journal, tmp_path, mode="batched") as generator:
            batch = generator.run(prompts, prompt_variant="plain")
        killer.join()
        alone = Journal(tmp_path / "alone.jsonl", key="generation_id")
        single = spec_of(urls[1:], **fields)
        with Generator("alone", single, decoding, alone, tmp_path) as generator:
            expected = generator.run(prompts, prompt_variant="plain")

    rows = GENERATIONS.frame(batch.rows)
    assert rows["error"].null_count() == 8
    assert rows["raw_text"].to_list() == [row["raw_text"] for row in expected.rows]
    by_server = Counter(rows["endpoint"])
    assert set(by_server) == set(urls)
    usage = batch.usage
    assert {each["endpoint"]: each["answers"] for each in usage.endpoints} == by_server
    lost = next(each for each in usage.endpoints if each["endpoint"] == urls[0])
    assert lost["failed_tries"] >= 1
    assert sum(each["completion_tokens"] for each in usage.endpoints) == usage.completion_tokens
    # Two servers took twice what one says that it takes; without an agent nobody knows.
    peak = 5_000_000_000 if told else None
    assert (usage.peak_ram_bytes, usage.peak_vram_bytes) == (peak, peak)
    gigabytes = peak and peak / 1e9
    assert (score(8, usage.total_s, gigabytes, gigabytes) is not None) == told


def kill_after_answers(server: LlamaServer, journal: Path, count: int) -> None:
    wait_for(lambda: journal.exists() and journal.read_bytes().count(b"\n") >= count, 120)
    server.process.kill()


def wait_for(condition: Any, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)
