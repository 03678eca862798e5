"""What the data of a request's tables says, for the variants that show it or choose by it."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import polars as pl

from darkwood_bench.copilot.errors import NoData
from darkwood_bench.copilot.runner import NotRun, Runner
from darkwood_bench.copilot.system import NO_FACTS, Facts
from darkwood_bench.copilot.tables import Data, Table
from darkwood_bench.cores import usable_cores
from darkwood_bench.identity import content_id
from darkwood_bench.prompting import Rendering, find_relations, summarise
from darkwood_bench.prompting.summary import ROWS_READ

_KEPT = 64
_MOST_BYTES = 64 << 20
"""Of the rows that are looked at for one question; tables beyond them are left out."""


class FactFinder:
    """Reads tables in the sandbox, each set of them once as long as it is asked about."""

    def __init__(self, runner: Runner, rendering: Rendering) -> None:
        self._runner = runner
        self._rendering = rendering
        self._known: OrderedDict[str, Facts] = OrderedDict()
        self._at_once = asyncio.Semaphore(usable_cores())
        """Rows are held until relations among all tables are found."""

    async def find(self, tables: Mapping[str, Table]) -> Facts:
        """The facts of these tables, where their prompt has a use for them; as far as they can be
        read."""
        if not self._wanted(tables):
            return NO_FACTS
        key = content_id({name: table.identity() for name, table in tables.items()})
        async with self._at_once:
            if key not in self._known:
                frames = await self._frames(tables)
                self._known[key] = await asyncio.to_thread(_facts, frames)
                if len(self._known) > _KEPT:
                    self._known.popitem(last=False)
            return self._known[key]

    def _wanted(self, tables: Mapping[str, Table]) -> bool:
        """Whether these tables' prompt depends on their data: where all of them are shown, and all
        their columns, there is nothing to choose by it."""
        shown = self._rendering
        if shown.samples or shown.null_shares or shown.relations:
            return True
        widest = max((len(table.texts) for table in tables.values()), default=0)
        return bool(
            (shown.at_most and len(tables) > shown.at_most)
            or (shown.columns_at_most and widest > shown.columns_at_most)
        )

    async def _frames(self, tables: Mapping[str, Table]) -> dict[str, pl.DataFrame]:
        """The first rows of each table that has any; of a file with several names once."""
        frames: dict[str, pl.DataFrame] = {}
        read: dict[Any, pl.DataFrame | None] = {}
        left = _MOST_BYTES
        for name, table in tables.items():
            if table.data is None:
                continue
            if (identity := table.data.identity) not in read:
                frame = await self._frame(table.data)
                size = 0 if frame is None else int(frame.estimated_size())
                read[identity] = frame if size <= left else None
                left -= size if size <= left else 0
            if (known := read[identity]) is not None:
                frames[name] = known
        return frames

    async def _frame(self, data: Data) -> pl.DataFrame | None:
        try:
            execution = await self._runner.run(f"result = t.head({ROWS_READ + 1})", {"t": data})
        except (NoData, NotRun):
            return None
        return execution.result


def _facts(frames: Mapping[str, pl.DataFrame]) -> Facts:
    summaries = {name: summarise(frame) for name, frame in frames.items()}
    return Facts(summaries, find_relations(frames))
