"""The service behind the routes: one system, the sandbox, uploads and data folders."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

from darkwood_bench.asking import Asking
from darkwood_bench.copilot.answers import Answer, Answerer, Tell
from darkwood_bench.copilot.engine import Engine
from darkwood_bench.copilot.errors import Refused, overloaded
from darkwood_bench.copilot.errors import stopping as going
from darkwood_bench.copilot.examples import examples_pool
from darkwood_bench.copilot.facts import FactFinder
from darkwood_bench.copilot.folders import DataFolders
from darkwood_bench.copilot.forms import SentFile
from darkwood_bench.copilot.intake import look_into
from darkwood_bench.copilot.logs import REQUEST_ID, note
from darkwood_bench.copilot.models import (
    MOST_COLUMNS_IN_ALL,
    ChatReply,
    ChatRequest,
    ExecuteReply,
    ExecuteRequest,
    Progress,
    QueryReply,
    QueryRequest,
    Readiness,
    TableIn,
    TableUpload,
    UploadReply,
)
from darkwood_bench.copilot.monitoring import Monitoring
from darkwood_bench.copilot.observing import observe
from darkwood_bench.copilot.replying import chat_reply, execute_reply, query_reply
from darkwood_bench.copilot.runner import Runner
from darkwood_bench.copilot.settings import MEGABYTE, CopilotSettings
from darkwood_bench.copilot.stopping import Stopping
from darkwood_bench.copilot.system import Asker, choose_system
from darkwood_bench.copilot.tables import Table, Tables
from darkwood_bench.copilot.uploads import Place, Uploads, is_variable
from darkwood_bench.copilot.verification import verify
from darkwood_bench.harness.shared import SharedProcess
from darkwood_bench.sandbox import Limits
from darkwood_bench.settings import Settings

_SWEEP_S = 30.0
"""Between two looks for uploads that have expired."""
_LATER_S = 30.0
_REPLY_S = 2.0
"""Before the server goes, for saying that there is no answer."""


def _to_nobody(_: Progress) -> None:
    """Nobody listens."""


def _refuse(within: str) -> None:
    raise Refused(503, f"it was not run {within}; try again later", retry_after_s=_LATER_S)


class Copilot:
    """Everything that a server has, from its start to its end. An async context manager."""

    def __init__(
        self,
        settings: CopilotSettings,
        bench: Settings,
        monitoring: Monitoring,
        stopping: Stopping,
    ) -> None:
        """Nothing is started yet. Raises SettingsError for a system that cannot be served."""
        self.settings = settings
        self.bench = bench
        self.monitoring = monitoring
        self.stopping = stopping
        self.on_failure: Callable[[str], None] = lambda _: None
        """Is told when the model cannot be loaded."""
        self.system = choose_system(settings, bench)
        self.engine: Engine
        self.runner: Runner
        self.uploads: Uploads
        self._asker: Asker
        """Made when the model is loaded."""
        self._asking_now = 0
        """Requests that are being answered, or wait for it."""
        self._limits: set[asyncio.Timeout] = set()
        """Theirs."""
        self.most_upload_bytes = int(settings.max_upload_mb * MEGABYTE)

    async def __aenter__(self) -> Self:
        settings, monitoring = self.settings, self.monitoring
        self.uploads = Uploads(settings.max_uploads, settings.upload_expires_s)
        self._folders = DataFolders(settings.data)
        self._tables = Tables(self._folders, self.uploads, self.most_upload_bytes)
        limits = Limits(wall_s=min(Limits.wall_s, settings.timeout_s))
        most_bytes = int(settings.max_tables_mb * MEGABYTE)
        self.runner = Runner(limits, settings.min_isolation, settings.queue, most_bytes, monitoring)
        slots = await asyncio.to_thread(self.system.slots, self.bench)
        self.engine = Engine(
            self._load, slots, settings.queue, monitoring, lambda reason: self.on_failure(reason)
        )
        self._answerer = Answerer(self.system, self.engine, self.runner)
        self._facts = FactFinder(self.runner, self.system.variant.rendering)
        self.stopping.then(self.engine.places.close)
        self.stopping.then(self.runner.places.close)
        self.stopping.then(self._hurry)
        self.engine.start()
        await self.runner.open()
        self._sweeping = asyncio.create_task(self._sweep())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._sweeping.cancel()
        await self.engine.close()
        await self.runner.close()
        self.uploads.close()
        self._folders.close()

    def readiness(self) -> Readiness:
        """Whether questions can be answered now."""
        return Readiness(
            status="stopping" if self.stopping.begun else self.engine.state,
            model=self.system.model,
            prompt_variant=self.system.variant.name,
            isolation_level=self.runner.level,
        )

    def measure(self) -> None:
        """Have the gauges say what is now."""
        self.monitoring.uploads.set(len(self.uploads))
        self.monitoring.model_memory.set(self.engine.resident_bytes() or 0)

    def admit(self) -> None:
        """Raises Refused where no more can be asked at once."""
        if self.stopping.begun:
            raise going()
        places = self.engine.places
        if self._asking_now >= places.count + self.settings.queue:
            raise overloaded(places.wait_s(self._asking_now))

    def check(self, tables: Mapping[str, TableIn], owner: str) -> None:
        """Raises Refused for tables that code cannot find, or uploads that are not there."""
        for name, table in tables.items():
            if not is_variable(name):
                raise Refused(422, f"tables: {name[:40]!r} is no name that a variable can have")
            if isinstance(table, TableUpload) and not self.uploads.find(table.upload_id, owner):
                raise Refused(404, f"tables.{name}: there is no such upload")

    async def known(self, asked: Mapping[str, TableIn], owner: str) -> dict[str, Table]:
        """What is known of tables."""
        return await asyncio.to_thread(self._tables.known, asked, owner)

    async def files(self, most: int) -> list[str]:
        """Names that requests may use for files below the data folders; `most` of them."""
        return await asyncio.to_thread(self._folders.files, most)

    async def chat(self, asked: ChatRequest, owner: str) -> ChatReply:
        """Code for a question, as the benchmarked system gives it."""
        answer = Answer()
        note(question=asked.message if self.settings.log_questions else None)
        async with self._in_time(answer.end_late):
            tables = await self._asked_of(asked.tables, owner)
            asking = await self._asking(asked.message, tables)
            await self._answerer.generate(asking, tables, answer, _to_nobody)
        observe(self.monitoring, "/chat", answer)
        return chat_reply(answer)

    async def query(self, asked: QueryRequest, owner: str, tell: Tell = _to_nobody) -> QueryReply:
        """An answer that was verified, as far as it can be."""
        answer, tables = Answer(), dict[str, Table]()
        note(question=asked.question if self.settings.log_questions else None)
        async with self._in_time(answer.end_late):
            tables = await self._asked_of(asked.tables, owner)
            asking = await self._asking(asked.question, tables)
            await self._answerer.query(asking, tables, asked.options, answer, tell)
        reply = await asyncio.to_thread(
            query_reply, REQUEST_ID.get(), answer, tables, asked.options, self.system
        )
        observe(self.monitoring, "/v1/query", answer, reply.failure_class)
        return reply

    async def execute(self, asked: ExecuteRequest, owner: str) -> ExecuteReply:
        """A program's end. Raises Refused where it cannot be run."""
        async with self._in_time(_refuse):
            tables = await self._asked_of(asked.tables, owner)
            found = await verify(self.runner, asked.code, tables, asked.options.run_on)
        if found.execution is None:
            raise Refused(409, found.reason or "it was not run")
        notes = [f"{name}: {table.note}" for name, table in tables.items() if table.note]
        notes += found.notes
        reply = await asyncio.to_thread(
            execute_reply, REQUEST_ID.get(), asked.code, found, tables, asked.options, notes
        )
        note(status_of_code=reply.execution.status)
        return reply

    async def keep(self, sent: SentFile, place: Place, owner: str) -> UploadReply:
        """Keep a file that has come. Raises Refused for one that cannot be read."""
        async with self._within(_refuse):
            upload = await look_into(sent, place, owner, self.runner)
        self.uploads.add(upload)
        return UploadReply(
            upload_id=upload.upload_id,
            table=upload.table,
            format=upload.format,
            columns={name: str(dtype) for name, dtype in upload.columns.items()},
            n_rows=upload.n_rows,
            bytes=upload.bytes,
            expires_s=self.uploads.expires_s,
        )

    def _load(self) -> SharedProcess:
        """In the engine's thread."""
        self._asker = self.system.asker(examples_pool(self.system.variant, self.bench))
        return self.system.load(self.bench, self._asker)

    async def _asked_of(self, asked: Mapping[str, TableIn], owner: str) -> dict[str, Table]:
        """What is known of a request's tables. Raises Refused where that is too much."""
        tables = await self.known(asked, owner)
        if sum(len(table.texts) for table in tables.values()) > MOST_COLUMNS_IN_ALL:
            raise Refused(422, f"tables: more than {MOST_COLUMNS_IN_ALL:,} columns in all")
        return tables

    async def _asking(self, question: str, tables: Mapping[str, Table]) -> Asking:
        await self.engine.loaded()
        facts = await self._facts.find(tables)
        return await asyncio.to_thread(self.system.ask, question, tables, self._asker, facts)

    @asynccontextmanager
    async def _in_time(self, late: Callable[[str], None]) -> AsyncIterator[None]:
        """One of so many at once, within its time. Raises Refused as `admit` does."""
        self.admit()
        self._asking_now += 1
        try:
            async with self._within(late):
                yield
        finally:
            self._asking_now -= 1

    @asynccontextmanager
    async def _within(self, late: Callable[[str], None]) -> AsyncIterator[None]:
        """What takes too long is left, and `late` is called with how long that was."""
        try:
            async with asyncio.timeout(self.settings.timeout_s) as limit:
                self._limits.add(limit)
                try:
                    yield
                finally:
                    self._limits.discard(limit)
        except TimeoutError:
            if self.stopping.begun:
                raise going() from None
            late(f"within {self.settings.timeout_s:g} s")

    def _hurry(self) -> None:
        """What is under way has until the server goes, and not its whole time."""
        until = asyncio.get_running_loop().time() + max(0.0, self.settings.stop_s - _REPLY_S)
        for limit in self._limits:
            limit.reschedule(min(until, limit.when() or until))

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_S)
            await asyncio.to_thread(self.uploads.expire)
