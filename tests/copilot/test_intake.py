"""Files that are sent: what is not taken in leaves nothing behind."""

import asyncio
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from darkwood_bench.copilot.errors import Refused
from darkwood_bench.copilot.intake import take_in
from darkwood_bench.copilot.monitoring import Monitoring
from darkwood_bench.copilot.runner import Runner
from darkwood_bench.copilot.uploads import Uploads
from darkwood_bench.sandbox import Limits


class Slow(BytesIO):
    """A file of which some is kept, and more comes when it is let."""

    def __init__(self, contents: bytes, fails: bool) -> None:
        super().__init__(contents)
        self.begun, self.go_on = threading.Event(), threading.Event()
        self._fails = fails

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell():
            self.begun.set()
            assert self.go_on.wait(10)
            if self._fails:
                raise ValueError("closed meanwhile")
        return super().read(2)


@pytest.fixture
def uploads() -> Iterator[Uploads]:
    made = Uploads(4, 60.0)
    yield made
    made.close()


def files(uploads: Uploads) -> list[Path]:
    return list(uploads.reserve()[1].parent.iterdir())


async def take(source: BytesIO, uploads: Uploads, most_bytes: int = 1000) -> None:
    runner = Runner(Limits(), "L1", 2, Monitoring())  # not open: nothing can be run
    await take_in(source, "cards.csv", "me", uploads, runner, most_bytes)


@pytest.mark.parametrize("fails", [False, True])
def test_an_upload_that_is_cancelled_while_it_is_kept_leaves_no_file(
    uploads: Uploads, fails: bool
) -> None:
    async def cancelled() -> None:
        source = Slow(b"a,b\n1,2\n", fails)
        taking = asyncio.create_task(take(source, uploads))
        assert await asyncio.to_thread(source.begun.wait, 10)
        assert len(files(uploads)) == 1
        taking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await taking
        source.go_on.set()
        async with asyncio.timeout(10):
            while files(uploads):
                await asyncio.sleep(0.01)

    asyncio.run(cancelled())
    assert not files(uploads)


@pytest.mark.parametrize(("most_bytes", "status"), [(4, 413), (1000, 503)])
def test_an_upload_that_is_refused_leaves_no_file(
    uploads: Uploads, most_bytes: int, status: int
) -> None:
    async def refused() -> None:
        with pytest.raises(Refused) as told:
            await take(BytesIO(b"a,b\n1,2\n"), uploads, most_bytes)
        assert told.value.status_code == status
        await asyncio.sleep(0)

    asyncio.run(refused())
    assert not files(uploads)
