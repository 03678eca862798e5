"""Why a stage failed, in the words of whoever raised it."""

import re
from collections.abc import Iterable

import dagster as dg
from dagster_shared.error import SerializableErrorInfo


def step_reason(failure: dg.DagsterEvent) -> str:
    """The message of what a failed step raised, without what Dagster puts around it."""
    error = failure.step_failure_data.error
    while error is not None and error.cause is not None and _is_wrapper(error):
        error = error.cause
    return _message(error)


def run_reason(events: Iterable[dg.DagsterEvent]) -> tuple[str, str] | None:
    """Where a run failed first and why: a step, or what is set up before one; None for neither."""
    configuration = None
    for event in events:
        if event.is_step_failure:
            return event.step_key or "?", step_reason(event)
        if event.is_resource_init_failure and configuration is None:
            configuration = "configuration", _message(event.engine_event_data.error)
    return configuration


def _message(error: SerializableErrorInfo | None) -> str:
    """Dagster writes an error as 'module.Class: message'; the message."""
    return "failed" if error is None else re.sub(r"^[\w.]+: ", "", error.message.strip())


def _is_wrapper(error: SerializableErrorInfo) -> bool:
    """Whether an error only says where in Dagster another one came up."""
    return (error.cls_name or "").startswith("Dagster")
