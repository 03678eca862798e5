"""The way out: on SIGTERM what is under way is finished, and everything else refused."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

from darkwood_bench.copilot.logs import log

LINGER_S = 1.0
"""Between the signal and closed doors: who has a connection open is told there, not cut off."""


class Stopping:
    """Whether the server is on its way out."""

    def __init__(self) -> None:
        self.begun = False
        self._listeners: list[Callable[[], None]] = []

    def then(self, listener: Callable[[], None]) -> None:
        """Have this called, on the event loop, when the way out begins."""
        self._listeners.append(listener)

    def begin(self) -> None:
        """From now on nothing new is answered."""
        if not self.begun:
            self.begun = True
            log("stopping")
            for listener in self._listeners:
                listener()

    def on_signals(self) -> None:
        """Begin at SIGTERM or SIGINT, and hand the signal on to the server after LINGER_S.

        A second signal is handed on at once. Only in a process's main thread: elsewhere whoever
        runs the server sees to its end.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            before = signal.getsignal(number)
            with suppress(ValueError):  # not the main thread
                signal.signal(number, self._handler(loop, before))

    def _handler(self, loop: asyncio.AbstractEventLoop, before: Any) -> Any:
        def handle(number: int, frame: FrameType | None) -> None:
            def hand_on() -> None:
                if callable(before):
                    before(number, None)
                elif before == signal.SIG_DFL:
                    signal.signal(number, signal.SIG_DFL)
                    signal.raise_signal(number)

            if self.begun:
                hand_on()
            else:
                loop.call_soon_threadsafe(self.begin)
                loop.call_soon_threadsafe(loop.call_later, LINGER_S, hand_on)

        return handle
