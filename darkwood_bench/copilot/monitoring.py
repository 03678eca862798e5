"""What Prometheus is told."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_METHODS = {"GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH"}


class Monitoring:
    """The metrics of one app."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        GCCollector(registry=registry)
        self.requests = Counter(
            "darkwood_requests", "HTTP requests.", ("route", "method", "status"), registry=registry
        )
        self.request_seconds = Histogram(
            "darkwood_request_seconds",
            "From a request's first byte to the end of its reply.",
            ("route",),
            buckets=_SECONDS,
            registry=registry,
        )
        self.stage_seconds = Histogram(
            "darkwood_stage_seconds",
            "Stages of an answer: queue, generate, verify.",
            ("stage",),
            buckets=_SECONDS,
            registry=registry,
        )
        self.tokens = Counter(
            "darkwood_tokens",
            "Tokens by kind: prompt, cached (of the prompt, not read again), completion.",
            ("kind",),
            registry=registry,
        )
        self.attempts = Histogram(
            "darkwood_attempts",
            "Answers of the model to one question.",
            buckets=(1, 2, 3, 4, 5),
            registry=registry,
        )
        self.answers = Counter(
            "darkwood_answers",
            "Answers by whether, and on what, they were verified.",
            ("route", "verified_on"),
            registry=registry,
        )
        self.executions = Counter(
            "darkwood_executions",
            "Programs run, by how they ended and how strongly they were isolated.",
            ("status", "isolation_level"),
            registry=registry,
        )
        self.failures = Counter(
            "darkwood_failures",
            "Answers that fail, by class.",
            ("failure_class",),
            registry=registry,
        )
        self.waiting = Gauge(
            "darkwood_queue_length", "Requests that wait for the model.", registry=registry
        )
        self.generating = Gauge(
            "darkwood_generating", "Answers that are being generated.", registry=registry
        )
        self.cancelled = Counter(
            "darkwood_cancelled",
            "Answers that were given up, by reason.",
            ("reason",),
            registry=registry,
        )
        self.model_starts = Counter(
            "darkwood_model_starts",
            "Times that the model's process was started.",
            registry=registry,
        )
        self.model_ready = Gauge(
            "darkwood_model_ready", "1 when the model is loaded.", registry=registry
        )
        self.model_memory = Gauge(
            "darkwood_model_memory_bytes", "Of the model's process.", registry=registry
        )
        self.uploads = Gauge("darkwood_uploads", "Uploads that are kept.", registry=registry)
        self.isolation = Gauge(
            "darkwood_isolation_level",
            "3 (strongest) to 0; -1 where no code is run.",
            registry=registry,
        )

    def requested(self, route: str, method: str, status: int, seconds: float) -> None:
        """A request is over."""
        known = method if method in _METHODS else "other"  # a client may make up any number
        self.requests.labels(route, known, str(status)).inc()
        self.request_seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """In Prometheus' format."""
        return generate_latest(self.registry)
