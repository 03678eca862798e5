"""How errors look on the wire: {"detail", "request_id"}, whatever went wrong."""

import json
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import Scope, Send

from darkwood_bench.copilot.logs import REQUEST_ID

_MOST_FAULTS = 5
_PLACE_CHARS = 200
_MEMBERS = ("Table", "dict[")
_NO_TABLE = (
    "is none of {file_name, format: parquet or csv}, {upload_id}, {columns: {name: dtype}, n_rows} "
    "and {column name: dtype}"
)


async def send_problem(error: HTTPException, scope: Scope, send: Send) -> None:
    """Answer a request that gets no further than a middleware."""
    response = problem(error.status_code, str(error.detail), error.headers)
    await response(scope, _nothing_more, send)


def problem(status: int, detail: str, headers: Any = None) -> JSONResponse:
    """An error's reply."""
    body = {"detail": detail, "request_id": REQUEST_ID.get()}
    return JSONResponse(body, status, dict(headers or {}))


def problem_bytes(detail: str) -> bytes:
    """The same as the data of an event."""
    return json.dumps({"detail": detail, "request_id": REQUEST_ID.get()}).encode()


def handle_errors(app: FastAPI) -> None:
    """Have the app's errors look so."""

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> JSONResponse:
        return problem(error.status_code, str(error.detail), error.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return problem(422, _faults(error.errors()))


def _faults(errors: Sequence[Any]) -> str:
    """What is wrong with a request, by field; nothing of what the fields hold."""
    said = {}
    for error in errors:
        place = [str(part) for part in error["loc"] if part != "body"]
        message = error["msg"]
        # A table may be one of several things: what it lacks to be each of them helps nobody.
        members = [at for at, part in enumerate(place) if part.startswith(_MEMBERS)]
        if members:
            place, message = place[: members[0]], _NO_TABLE
        said.setdefault(".".join(place)[:_PLACE_CHARS] or "body", message)
    lines = [f"{place}: {message}" for place, message in said.items()]
    more = len(lines) - _MOST_FAULTS
    return "; ".join(lines[:_MOST_FAULTS]) + (f"; and {more} more" if more > 0 else "")


async def _nothing_more() -> Any:
    return {"type": "http.disconnect"}
