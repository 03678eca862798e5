"""The hackathon's contract: POST /chat takes a question and gives code."""

from fastapi import APIRouter, Request

from darkwood_bench.copilot.models import ChatReply, ChatRequest
from darkwood_bench.copilot.routes.common import Owner, Service, problems, unless_gone

router = APIRouter()


@router.post("/chat", responses=problems(408, 413, 422, 429))
async def chat(request: Request, asked: ChatRequest, copilot: Service, owner: Owner) -> ChatReply:
    """Code that answers a question, as the benchmarked system writes it. It is run only where the
    prompt variant repairs what fails, and then over tables without rows.

    `tables` may be files ({"file_name", "format"}), {column: dtype}, or {"columns", "n_rows"}.
    A valid request is always answered; where there is no code, a comment says why.
    """
    return await unless_gone(request, copilot.chat(asked, owner))
