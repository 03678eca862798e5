"""What of an answer goes to the metrics and to the request's line in the log."""

from darkwood_bench.copilot.answers import Answer
from darkwood_bench.copilot.logs import note
from darkwood_bench.copilot.monitoring import Monitoring


def observe(
    monitoring: Monitoring, route: str, answer: Answer, failure_class: str | None = None
) -> None:
    """Count an answer, and note it for the log."""
    found = answer.verification
    verified_on = (found.on or "nothing") if found.verified else "nothing"
    stages = {
        "queue": answer.queue_s,
        "generate": answer.generate_s,
        "verify": answer.verify_s,
    }
    for stage, seconds in stages.items():
        monitoring.stage_seconds.labels(stage).observe(seconds)
    monitoring.attempts.observe(len(answer.attempts))
    monitoring.answers.labels(route, verified_on).inc()
    if failure_class is not None:
        monitoring.failures.labels(failure_class).inc()
    note(
        attempts=len(answer.attempts),
        verified_on=verified_on,
        failure_class=failure_class,
        **{f"{stage}_s": round(seconds, 4) for stage, seconds in stages.items()},
    )
