"""Traces, where OpenTelemetry is set up: a span a request, and one for each stage of an answer.

Without a provider spans cost next to nothing and go nowhere. The extra `otel` and the standard
variable OTEL_EXPORTER_OTLP_ENDPOINT make one. Neither questions nor data are in a span.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from opentelemetry import propagate, trace

from darkwood_bench.copilot.settings import SettingsError

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_SERVICE = "darkwood-copilot"


def start_tracing() -> None:
    """Send spans where the environment says, if it does, and unless somebody else sees to it.

    Raises SettingsError where the extra is not installed.
    """
    if not any(os.environ.get(name) for name in _ENDPOINTS):
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise SettingsError(
            f"{' or '.join(_ENDPOINTS)} is set, and the extra for it is not installed; "
            "pip install 'darkwood-bench[otel]'"
        ) from None
    if isinstance(trace.get_tracer_provider(), TracerProvider):
        return
    name = os.environ.get("OTEL_SERVICE_NAME", _SERVICE)
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)


@contextmanager
def request_span(method: str, headers: Mapping[str, str]) -> Iterator[trace.Span]:
    """The span of a request, below its client's where that has one (W3C Trace Context)."""
    kind = trace.SpanKind.SERVER
    parent = propagate.extract(dict(headers))
    tracer = trace.get_tracer(_SERVICE)
    with tracer.start_as_current_span(method, parent, kind, record_exception=False) as span:
        yield span


@contextmanager
def stage(name: str, **attributes: Any) -> Iterator[trace.Span]:
    """The span of one stage of an answer."""
    tracer = trace.get_tracer(_SERVICE)
    with tracer.start_as_current_span(name, record_exception=False) as span:
        describe(span, **attributes)
        yield span


def describe(span: trace.Span, **attributes: Any) -> None:
    """Say something of a span: what is None is left out."""
    for name, value in attributes.items():
        if value is not None:
            span.set_attribute(f"darkwood.{name}", value)
