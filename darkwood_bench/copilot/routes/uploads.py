"""Files that questions are about."""

from typing import Annotated

from fastapi import APIRouter, File, Path, Request, UploadFile
from fastapi.responses import Response

from darkwood_bench.copilot.models import UPLOAD_ID, UploadReply
from darkwood_bench.copilot.routes.common import Owner, Service, problems, unless_gone

router = APIRouter()
UploadId = Annotated[str, Path(pattern=UPLOAD_ID)]


@router.post("/v1/uploads", responses=problems(408, 409, 413, 415, 422, 429))
async def upload(
    request: Request, file: Annotated[UploadFile, File()], copilot: Service, owner: Owner
) -> UploadReply:
    """Send a Parquet or CSV file (multipart, field `file`), to ask about it by its upload_id.

    It is kept in a private folder until it is deleted, was not used for `expires_s` seconds, or the
    server ends. Nobody without this id, and this token, can ask about it.
    """
    return await unless_gone(request, copilot.upload(file, owner))


@router.delete("/v1/uploads/{upload_id}", status_code=204, responses=problems(404, 422))
async def delete(upload_id: UploadId, copilot: Service, owner: Owner) -> Response:
    """Delete a file that was sent."""
    copilot.uploads.delete(upload_id, owner)
    return Response(status_code=204)
