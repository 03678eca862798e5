"""The service behind the routes."""

from types import TracebackType
from typing import Any, Self

from fastapi import UploadFile

from darkwood_bench.copilot.errors import Refused
from darkwood_bench.copilot.models import (
    ChatReply,
    ChatRequest,
    ExecuteReply,
    ExecuteRequest,
    QueryReply,
    QueryRequest,
    Readiness,
    UploadReply,
)
from darkwood_bench.copilot.monitoring import Monitoring
from darkwood_bench.copilot.settings import CopilotSettings
from darkwood_bench.copilot.stopping import Stopping
from darkwood_bench.settings import Settings

_LOADING = Refused(503, "the model is loading; try again later", retry_after_s=5)


class Copilot:
    """One model under one prompt variant, and the sandbox."""

    def __init__(
        self,
        settings: CopilotSettings,
        bench: Settings,
        monitoring: Monitoring,
        stopping: Stopping,
    ) -> None:
        self.settings = settings
        self.bench = bench
        self.monitoring = monitoring
        self.stopping = stopping

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pass

    def readiness(self) -> Readiness:
        return Readiness(status="loading", model="", prompt_variant="", isolation_level=None)

    def check(self, tables: Any, owner: str) -> None:
        raise _LOADING

    async def chat(self, asked: ChatRequest, owner: str) -> ChatReply:
        raise _LOADING

    async def query(self, asked: QueryRequest, owner: str, tell: Any = None) -> QueryReply:
        raise _LOADING

    async def execute(self, asked: ExecuteRequest, owner: str) -> ExecuteReply:
        raise _LOADING

    async def upload(self, file: UploadFile, owner: str) -> UploadReply:
        raise _LOADING

    def measure(self) -> None:
        pass
