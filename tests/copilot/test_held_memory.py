"""How much requests hold: tables come when it is a program's turn, and go with it."""

import asyncio
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import polars as pl
import pytest
from page_service import running, scripted

from darkwood_bench.copilot.budget import Budget
from darkwood_bench.copilot.errors import NoData
from darkwood_bench.copilot.monitoring import Monitoring
from darkwood_bench.copilot.runner import Runner
from darkwood_bench.copilot.settings import CopilotSettings, SettingsError
from darkwood_bench.copilot.tables import Table
from darkwood_bench.copilot.verification import verify
from darkwood_bench.sandbox import Brought, Limits, probe_isolation

sandboxed = pytest.mark.skipif(
    probe_isolation().level == "L0", reason="no code is run without isolation"
)
WAITS = "import time\ntime.sleep({})\nresult = pl.DataFrame({{'n': [1]}})"


def test_who_finds_too_little_left_waits_and_nobody_is_overtaken() -> None:
    async def scenario() -> list[str]:
        budget, order = Budget(10), []

        async def come(name: str, size: int) -> None:
            await budget.take(size)
            order.append(name)

        await budget.take(6)
        tasks = [asyncio.create_task(come(*one)) for one in (("large", 9), ("small", 1))]
        gone = asyncio.create_task(come("gone", 1))
        await asyncio.sleep(0.01)
        assert order == [] and budget.held == 6
        gone.cancel()
        budget.give_back(6)
        await asyncio.wait_for(asyncio.gather(*tasks), 5)
        assert budget.held == 10
        return order

    assert asyncio.run(scenario()) == ["large", "small"]


@dataclass
class Counted:
    """A table that says when it was read."""

    size: int = 100
    identity: str = "one"
    reads: list[float] = field(default_factory=list)

    def read(self) -> Brought:
        self.reads.append(time.monotonic())
        return Brought("csv", b"a\n1\n")


async def opened(most_bytes: int) -> Runner:
    runner = Runner(Limits(), "L1", 20, most_bytes, Monitoring())
    await runner.open()
    return runner


@sandboxed
def test_a_file_is_read_once_under_all_its_names_when_it_is_its_turn() -> None:
    async def scenario() -> None:
        runner = await opened(150)
        try:
            places = runner.places.count
            busy = [asyncio.create_task(runner.run(WAITS.format(1), {})) for _ in range(places)]
            await asyncio.sleep(0.3)
            table = Counted()
            waiting = asyncio.create_task(
                runner.run("result = t0.hstack(t1.rename({'a': 'b'}))", {"t0": table, "t1": table})
            )
            await asyncio.sleep(0.3)
            assert not table.reads, "it was read before it had a place"
            assert (await waiting).status == "ok"
            assert len(table.reads) == 1
            await asyncio.gather(*busy)
            with pytest.raises(NoData, match="more than 150 bytes together"):
                await runner.run("result = 1", {"a": Counted(), "b": Counted(identity="two")})
        finally:
            await runner.close()

    asyncio.run(scenario())


@sandboxed
def test_programs_wait_while_others_tables_take_all_there_is() -> None:
    async def scenario() -> None:
        runner = await opened(150)
        if runner.places.count < 2:
            pytest.skip("one program at a time anyway")
        try:
            first, second = Counted(), Counted(identity="two")
            runs = [
                asyncio.create_task(runner.run(WAITS.format(1), {"t": table}))
                for table in (first, second)
            ]
            assert [run.status for run in await asyncio.gather(*runs)] == ["ok", "ok"]
            assert second.reads[0] - first.reads[0] >= 1
        finally:
            await runner.close()

    asyncio.run(scenario())


@sandboxed
def test_too_much_data_is_run_over_without_rows() -> None:
    async def scenario() -> None:
        runner = await opened(50)
        try:
            table = Table({"a": pl.Int64()}, {"a": "Int64"}, Counted())
            found = await verify(runner, "result = t", {"t": table}, "data")
            assert (found.verified, found.on) == (True, "empty_frames")
            assert "more than 50 bytes" in found.notes[0]
        finally:
            await runner.close()

    asyncio.run(scenario())


def test_a_budget_without_room_for_an_upload_is_refused() -> None:
    with pytest.raises(SettingsError, match="no room for an upload"):
        CopilotSettings(max_tables_mb=1, max_upload_mb=2).check()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("bench")
    (folder / "data").mkdir()
    wide = {f"column_{number}": [1] for number in range(3_000)}
    pl.DataFrame(wide).write_parquet(folder / "data" / "wide.parquet")
    settings = CopilotSettings(
        model="script",
        variant="schema",
        queue=1,
        execute=True,
        timeout_s=3,
        data=(folder / "data",),
    )
    slow = "answers: [{match: slow, delay_s: 20, text: result = t}, {text: result = t}]"
    with running(settings, scripted(folder, slow)) as served:
        yield served


def execute(address: str, code: str) -> httpx2.Response:
    return httpx2.post(f"{address}v1/execute", json={"code": code}, timeout=60)


@sandboxed
def test_programs_of_the_clients_have_the_same_time_and_queue(address: str) -> None:
    late = execute(address, WAITS.format(9))
    assert late.status_code in (200, 503)  # the sandbox's own limit is as long
    if late.status_code == 200:
        assert late.json()["execution"]["status"] == "timeout"
    held = threading.Event()

    def ask() -> None:
        body = {"question": "slow", "tables": {"t": {"a": "Int64"}}}
        httpx2.post(f"{address}v1/query", json=body, timeout=60)
        held.set()

    asking = [threading.Thread(target=ask) for _ in range(2)]
    for thread in asking:
        thread.start()
    time.sleep(1)
    refused = execute(address, "result = 1")
    assert not held.is_set()
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    for thread in asking:
        thread.join()
    assert execute(address, "result = 1").status_code == 200


def test_an_answer_that_is_late_is_what_there_is_by_then(address: str) -> None:
    body = {"question": "slow", "tables": {"t": {"a": "Int64"}}}
    found = httpx2.post(f"{address}v1/query", json=body, timeout=60).json()
    assert (found["verified"], found["code"]) == (False, None)
    assert found["reason"] == "no answer within 3 s"
    assert 2.5 < found["timings"]["total_s"] < 10
    reply = httpx2.post(f"{address}chat", json={"message": "slow"}, timeout=60)
    assert reply.json() == {"response": "# No program: no answer within 3 s"}


def test_more_columns_than_any_prompt_holds_are_refused(address: str) -> None:
    tables = {f"t{n}": {"file_name": "wide.parquet", "format": "parquet"} for n in range(4)}
    reply = httpx2.post(f"{address}v1/query", json={"question": "x", "tables": tables}, timeout=60)
    assert (reply.status_code, "10,000 columns" in reply.json()["detail"]) == (422, True)
