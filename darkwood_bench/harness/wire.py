"""Requests and errors as they go over the socket between a model's process and its caller: JSON."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from darkwood_bench.harness.backends import (
    Asked,
    AskedTable,
    BackendError,
    BackendUnavailable,
    Interrupted,
    PromptTooLong,
    Request,
)
from darkwood_bench.harness.decoding import Decoding

_KNOWN = {
    kind.kind: kind for kind in (BackendError, BackendUnavailable, Interrupted, PromptTooLong)
}


def request_message(request: Request) -> dict[str, Any]:
    """A request on its way to the worker."""
    return {
        "messages": [dict(message) for message in request.messages],
        "decoding": request.decoding.row(),
        "grammar": request.grammar,
        "grammar_needed": request.grammar_needed,
        "asked": _asked_message(request.asked) if request.asked else None,
        "limit_s": request.limit_s,
    }


def read_request(message: Mapping[str, Any]) -> Request:
    """The request that a message was made from."""
    decoding = {**message["decoding"], "stop": tuple(message["decoding"]["stop"])}
    asked = message["asked"]
    return Request(
        message["messages"],
        Decoding(**decoding),
        message["grammar"],
        None if asked is None else _read_asked(asked),
        message["limit_s"],
        message["grammar_needed"],
    )


def error_message(error: BackendError) -> dict[str, Any]:
    """An error on its way to the caller."""
    return {"error": str(error), "kind": error.kind, "transient": error.transient}


def read_error(message: Mapping[str, Any]) -> BackendError:
    """The error that a message was made from, of its class where the caller has a use for it."""
    error = _KNOWN.get(message["kind"], BackendError)(message["error"])
    error.kind, error.transient = message["kind"], message["transient"]
    return error


def _asked_message(asked: Asked) -> dict[str, Any]:
    tables = {
        name: {"path": str(table.path), "columns": dict(table.columns), "rows": table.rows}
        for name, table in asked.tables.items()
    }
    return {"question": asked.question, "tables": tables}


def _read_asked(message: Mapping[str, Any]) -> Asked:
    tables = {
        name: AskedTable(**{**table, "path": Path(table["path"])})
        for name, table in message["tables"].items()
    }
    return Asked(message["question"], tables)
