"""Why a stage failed, in the words of whoever raised it."""

import re

import dagster as dg
from dagster_shared.error import SerializableErrorInfo


def step_reason(failure: dg.DagsterEvent) -> str:
    """The message of what a failed step raised, without what Dagster puts around it."""
    error = failure.step_failure_data.error
    while error is not None and error.cause is not None and _is_wrapper(error):
        error = error.cause
    return message_of(error)


def message_of(error: SerializableErrorInfo | None) -> str:
    """Dagster writes an error as 'module.Class: message'; the message."""
    return "failed" if error is None else re.sub(r"^[\w.]+: ", "", error.message.strip())


def _is_wrapper(error: SerializableErrorInfo) -> bool:
    """Whether an error only says where in Dagster another one came up."""
    return (error.cls_name or "").startswith("Dagster")
