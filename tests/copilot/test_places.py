"""The queue before the model."""

import asyncio

import pytest

from darkwood_bench.copilot.errors import Refused
from darkwood_bench.copilot.places import Places


def nothing() -> None:
    pass


def test_who_came_first_is_next_but_for_who_was_here_before() -> None:
    async def scenario() -> list[str]:
        places, order = Places(1, 10, nothing), []
        await places.take()

        async def come(name: str, *, returning: bool = False) -> None:
            await places.take(returning=returning)
            order.append(name)
            places.give_back(0.1)

        tasks = [asyncio.create_task(come("a")), asyncio.create_task(come("b"))]
        await asyncio.sleep(0)
        tasks.append(asyncio.create_task(come("back", returning=True)))
        await asyncio.sleep(0)
        places.give_back(0.1)
        await asyncio.gather(*tasks)
        assert places.held == 0
        return order

    assert asyncio.run(scenario()) == ["back", "a", "b"]


def test_a_full_queue_refuses_and_says_when_to_come_again() -> None:
    async def scenario() -> None:
        places = Places(2, 1, nothing)
        await places.take()
        await places.take()
        waiting = asyncio.create_task(places.take())
        await asyncio.sleep(0)
        with pytest.raises(Refused) as refused:
            await places.take()
        assert refused.value.status_code == 429
        assert refused.value.headers is not None
        assert int(refused.value.headers["Retry-After"]) >= 1
        waiting.cancel()

    asyncio.run(scenario())


def test_who_leaves_the_queue_takes_no_place_along() -> None:
    async def scenario() -> None:
        places = Places(1, 10, nothing)
        await places.take()
        gone, stays = (asyncio.create_task(places.take()) for _ in range(2))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
        places.give_back(0.1)
        await asyncio.wait_for(stays, 1)
        # The other way round: a place is given to one who is leaving.
        leaving = asyncio.create_task(places.take())
        await asyncio.sleep(0)
        places.give_back(0.1)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        await asyncio.wait_for(places.take(), 1)
        assert places.held == 1

    asyncio.run(scenario())


def test_closing_refuses_those_who_wait_and_those_who_come() -> None:
    async def scenario() -> None:
        places = Places(1, 10, nothing)
        await places.take()
        waiting = asyncio.create_task(places.take())
        await asyncio.sleep(0)
        places.close()
        for attempt in (waiting, places.take()):
            with pytest.raises(Refused) as refused:
                await attempt
            assert refused.value.status_code == 503

    asyncio.run(scenario())
