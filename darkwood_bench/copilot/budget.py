"""Bytes that requests hold together, and an end to them."""

import asyncio


class Budget:
    """So many bytes at once; who finds too few left waits, first come, first served."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.held = 0
        self._turn = asyncio.Lock()
        self._freed = asyncio.Event()

    def has(self, size: int) -> bool:
        """Whether so many are left now."""
        return self.held + size <= self.most

    def add(self, size: int) -> None:
        """Hold so many, of which there are enough left."""
        self.held += size

    async def take(self, size: int) -> None:
        """Wait until so many are left; they must not be more than `most`."""
        async with self._turn:  # who comes later waits behind, however little it wants
            while not self.has(size):
                self._freed.clear()
                await self._freed.wait()
            self.add(size)

    def give_back(self, size: int) -> None:
        """They are no longer held."""
        self.held -= size
        self._freed.set()
