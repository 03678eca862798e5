"""Answers as replies."""

import re
from collections.abc import Mapping

from darkwood_bench.copilot.answers import Answer
from darkwood_bench.copilot.models import (
    ChatReply,
    ExecuteReply,
    QueryOptions,
    QueryReply,
    Result,
)
from darkwood_bench.copilot.models import System as SystemRow
from darkwood_bench.copilot.preview import preview
from darkwood_bench.copilot.system import System
from darkwood_bench.copilot.tables import Table
from darkwood_bench.copilot.verification import Verification, figures
from darkwood_bench.sandbox import Execution
from darkwood_bench.validation import Outcome, classify, quality_flags

_FLAGS = {
    "python_fallback": "the code leaves Polars and works row by row in Python",
    "deprecated_api": "the code uses methods that Polars is about to drop",
    "needless_collect": "the code collects a lazy frame earlier than it has to",
    "cross_join_filter": "the code filters a cross join where a join would do",
}


def chat_reply(answer: Answer) -> ChatReply:
    """The code; a comment that says why, where there is none."""
    if answer.code is not None:
        return ChatReply(response=answer.code)
    return ChatReply(response=f"# No program: {_one_line(answer.verification.reason or '')}")


def query_reply(
    request_id: str,
    answer: Answer,
    tables: Mapping[str, Table],
    options: QueryOptions,
    system: System,
) -> QueryReply:
    """Everything that is known of an answer."""
    found = answer.verification
    notes = [f"{name}: {table.note}" for name, table in tables.items() if table.note]
    mended = [f"mended without the model: {rewrite}" for rewrite in answer.rewrites]
    flags = [_FLAGS[flag] for flag in quality_flags(answer.code or "")]
    failure_class = _failure_class(answer.code, found, tables)
    if answer.code is None and answer.attempts:
        failure_class = "no_code"
    return QueryReply(
        id=request_id,
        code=answer.code,
        verified=found.verified,
        verified_on=found.on if found.verified else None,
        result=_result(found.execution, options),
        execution=figures(found.execution) if found.execution else None,
        attempts=answer.attempts,
        warnings=[*notes, *answer.warnings, *mended, *flags],
        failure_class=failure_class,
        reason=_one_line(found.reason) if found.reason else None,
        timings=answer.timings(),
        system=SystemRow(model=system.model, prompt_variant=system.variant.name),
    )


def execute_reply(
    request_id: str,
    code: str,
    found: Verification,
    tables: Mapping[str, Table],
    options: QueryOptions,
    warnings: list[str],
) -> ExecuteReply:
    """How a program ended. It must have been run."""
    assert found.execution is not None
    return ExecuteReply(
        id=request_id,
        execution=figures(found.execution),
        result=_result(found.execution, options),
        failure_class=_failure_class(code, found, tables),
        warnings=warnings,
    )


def _result(execution: Execution | None, options: QueryOptions) -> Result | None:
    if execution is None or execution.result is None:
        return None
    return preview(execution.result, options.max_rows, options.result)


def _failure_class(
    code: str | None, found: Verification, tables: Mapping[str, Table]
) -> str | None:
    """The benchmark's class of a failure; None for what runs, or was not run."""
    if code is None or found.execution is None:
        return None
    execution = found.execution
    outcome = Outcome(execution.status, execution.error_class, execution.error_message)
    columns = {name: list(table.columns or ()) for name, table in tables.items()}
    failure = classify(code, outcome, None, columns)
    return failure.failure_class if failure else None


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()[:500]
