"""Places to be worked on in, and a queue before them that has an end."""

import asyncio
from collections import deque
from collections.abc import Callable

from darkwood_bench.copilot.errors import overloaded, stopping

_FIRST_GUESS_S = 2.0
_WEIGHT = 0.2
"""Of the newest in the mean time that a place is held."""


class Places:
    """So many at once; first come, first served, but for those who were here before."""

    def __init__(self, count: int, most_waiting: int, changed: Callable[[], None]) -> None:
        """`changed` is called whenever somebody comes, or goes."""
        self.count = count
        self.held = 0
        self._most_waiting = most_waiting
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._mean_s = _FIRST_GUESS_S
        self._changed = changed
        self._closed = False

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def admit(self) -> None:
        """Raises Refused where nobody else may wait, saying when a place is likely to be free."""
        if self._closed:
            raise stopping()
        if self.held >= self.count and self.waiting >= self._most_waiting:
            raise overloaded(self.wait_s(self.waiting + 1))

    def wait_s(self, ahead: int) -> float:
        """Seconds until so many have had a place, going by how long the last ones held theirs."""
        return self._mean_s * ahead / self.count

    async def take(self, *, returning: bool = False) -> None:
        """Wait for a place. `returning`: whoever held one before is next.

        Raises Refused where nobody else may wait, and for those who wait when all is closed.
        """
        if not returning:
            self.admit()
        if self.held < self.count and not self._waiting:
            self.held += 1
            self._changed()
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if returning:
            self._waiting.appendleft(turn)
        else:
            self._waiting.append(turn)
        self._changed()
        try:
            await turn
        except asyncio.CancelledError:
            if turn in self._waiting:
                self._waiting.remove(turn)
            elif not turn.cancelled() and turn.exception() is None:
                self.give_back(None)  # it was this one's turn just then
            self._changed()
            raise

    def give_back(self, seconds: float | None) -> None:
        """A place is free again, after it was held for so long; None says nothing of others."""
        if seconds is not None:
            self._mean_s += _WEIGHT * (seconds - self._mean_s)
        self.held -= 1
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                self.held += 1
                turn.set_result(None)
                break
        self._changed()

    def close(self) -> None:
        """Whoever waits is refused, and whoever comes."""
        self._closed = True
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_exception(stopping())
        self._changed()
