"""Traces, as an exporter is given them."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from page_service import running, scripted

from darkwood_bench.copilot.settings import CopilotSettings

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    yield exporter
    provider.shutdown()


def test_a_request_is_a_span_below_its_clients_with_its_stages_below_it(
    tmp_path: Path, spans: InMemorySpanExporter
) -> None:
    settings = CopilotSettings(model="script", variant="schema")
    bench = scripted(tmp_path, "answers: [{text: result = cards}]")
    with running(settings, bench) as address:
        reply = httpx2.post(
            f"{address}v1/query",
            json={"question": "a secret question", "tables": {"cards": {"name": "String"}}},
            headers={"traceparent": PARENT},
            timeout=60,
        )
        assert reply.status_code == 200
        httpx2.delete(f"{address}v1/uploads/upl_{'s' * 32}?secret=1")
    found = {span.name: span for span in spans.get_finished_spans()}
    assert "DELETE /v1/uploads/{upload_id}" in found
    assert "sss" not in "".join(span.to_json() for span in found.values())
    request = found["POST /v1/query"]
    assert request.parent is not None
    assert f"{request.parent.trace_id:032x}" == PARENT.split("-")[1]
    for stage in ("generate", "verify"):
        parent = found[stage].parent
        assert parent is not None and request.context is not None
        assert parent.span_id == request.context.span_id
    assert (found["generate"].attributes or {})["darkwood.attempt"] == 1
    assert "secret" not in "".join(span.to_json() for span in found.values())
