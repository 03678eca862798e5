"""The benchmark's report, where one was made: what the score of this system rests on."""

import mimetypes

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from darkwood_bench.copilot.errors import Refused
from darkwood_bench.copilot.folders import DataFolders
from darkwood_bench.copilot.routes.common import Service
from darkwood_bench.report_source import report_folder

router = APIRouter(include_in_schema=False)


@router.get("/report")
async def report() -> RedirectResponse:
    """Its pages link to one another relative to its folder."""
    return RedirectResponse("report/")


@router.get("/report/{path:path}")
def report_file(path: str, copilot: Service) -> Response:
    """One of its files. The folder is replaced whole when a report is made: so it is opened anew
    for each."""
    try:
        folders = DataFolders([report_folder(copilot.bench)])
    except OSError:
        raise Refused(404, "there is no report yet; `darkwood report` makes one") from None
    try:
        opened = folders.open(path or "index.html")
    finally:
        folders.close()
    if opened is None:
        raise Refused(404, "the report has no such page")
    with opened.file as file:
        kind = mimetypes.guess_type(path or "index.html")[0]
        return Response(file.read(), media_type=kind or "application/octet-stream")
