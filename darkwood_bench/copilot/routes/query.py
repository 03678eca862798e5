"""Answers with all that is known of them, and programs alone."""

from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from darkwood_bench.copilot.models import ExecuteReply, ExecuteRequest, QueryReply, QueryRequest
from darkwood_bench.copilot.routes.common import Owner, Service, problems, unless_gone
from darkwood_bench.copilot.streaming import EVENT_STREAM, events

router = APIRouter()
execution = APIRouter()
"""Only where the settings have it."""
_STREAM = {"content": {EVENT_STREAM: {"schema": {"type": "string"}}}}


@router.post(
    "/v1/query",
    response_model=QueryReply,
    responses={200: _STREAM, **problems(404, 408, 409, 413, 422, 429)},
)
async def query(
    request: Request, asked: QueryRequest, copilot: Service, owner: Owner
) -> QueryReply | Response:
    """Code that answers a question, run in the sandbox, with what it gave.

    With `Accept: text/event-stream`, events come as it goes on: `progress` {stage, attempt,
    tokens}, then `answer` (this reply) or `error` {detail, request_id}.
    """
    copilot.check(asked.tables, owner)
    if EVENT_STREAM not in request.headers.get("accept", ""):
        return await unless_gone(request, copilot.query(asked, owner))
    copilot.admit()

    async def stream() -> AsyncIterator[bytes]:
        async for event in events(lambda tell: copilot.query(asked, owner, tell)):
            yield event

    return StreamingResponse(stream(), media_type=EVENT_STREAM)


@execution.post("/v1/execute", responses=problems(404, 408, 409, 413, 422, 429))
async def execute(
    request: Request, asked: ExecuteRequest, copilot: Service, owner: Owner
) -> ExecuteReply:
    """Run a program in the sandbox; how it ends, and the first rows of what it gave."""
    copilot.check(asked.tables, owner)
    return await unless_gone(request, copilot.execute(asked, owner))
