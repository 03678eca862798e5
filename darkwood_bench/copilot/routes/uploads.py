"""Files that questions are about."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from starlette.requests import ClientDisconnect

from darkwood_bench.copilot.errors import ClientGone
from darkwood_bench.copilot.forms import FIELD, receive_file
from darkwood_bench.copilot.models import UPLOAD_ID, UploadReply
from darkwood_bench.copilot.routes.common import Owner, Service, problems, unless_gone

router = APIRouter()
UploadId = Annotated[str, Path(pattern=UPLOAD_ID)]
_FORM = {
    "type": "object",
    "properties": {FIELD: {"type": "string", "format": "binary"}},
    "required": [FIELD],
}


@router.post(
    "/v1/uploads",
    responses=problems(408, 413, 415, 422, 429),
    openapi_extra={
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}
    },
)
async def upload(request: Request, copilot: Service, owner: Owner) -> UploadReply:
    """Send a Parquet or CSV file (multipart, field `file`), to ask about it by its upload_id.

    It is kept in a private folder until it is deleted, was not used for `expires_s` seconds, or the
    server ends. Nobody without this id, and this token, can ask about it.
    """
    with copilot.uploads.reserve() as place:
        kind, most = request.headers.get("content-type", ""), copilot.most_upload_bytes
        try:
            sent = await receive_file(kind, request.stream(), place.path, most)
        except ClientDisconnect as error:
            raise ClientGone from error
        return await unless_gone(request, copilot.keep(sent, place, owner))


@router.delete("/v1/uploads/{upload_id}", status_code=204, responses=problems(404, 422))
async def delete(upload_id: UploadId, copilot: Service, owner: Owner) -> Response:
    """Delete a file that was sent."""
    copilot.uploads.delete(upload_id, owner)
    return Response(status_code=204)
