"""Whether it is there, whether it is ready, and what it does: for probes, monitoring and people."""

from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from darkwood_bench.copilot.docs_page import STYLE, docs_page
from darkwood_bench.copilot.models import Health, Readiness
from darkwood_bench.copilot.page import page
from darkwood_bench.copilot.routes.common import Service, problems

router = APIRouter()


@router.get("/", response_model=Health, responses=problems())
async def root(request: Request, accept: Annotated[str, Header()] = "") -> Response:
    """{"status": "ok"}, as the hackathon's contract says; for browsers the page."""
    if "text/html" in accept:
        return page(request)
    return JSONResponse({"status": "ok"}, headers={"vary": "accept"})


@router.get("/healthz", responses=problems())
async def healthz() -> Health:
    """Whether the server is there, whatever the model does."""
    return Health()


@router.get("/readyz", responses={503: {"model": Readiness}})
async def readyz(copilot: Service) -> JSONResponse:
    """Whether the model is loaded, and who it is."""
    found = copilot.readiness()
    status = 200 if found.status == "ready" else 503
    return JSONResponse(found.model_dump(), status)


@router.get("/metrics", responses=problems(), response_class=PlainTextResponse)
async def metrics(copilot: Service) -> Response:
    """For Prometheus."""
    copilot.measure()
    monitoring = copilot.monitoring
    return Response(monitoring.text(), media_type=monitoring.content_type)


@router.get("/docs", include_in_schema=False)
async def docs(request: Request) -> HTMLResponse:
    """This interface, for people."""
    return HTMLResponse(docs_page(request.app.openapi()))


@router.get("/docs/style.css", include_in_schema=False)
async def docs_style() -> Response:
    return Response(STYLE, media_type="text/css")
