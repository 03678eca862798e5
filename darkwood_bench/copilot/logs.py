"""Logs as JSON, one object a line, on standard error. Neither questions nor data are in them."""

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

LOGGER = logging.getLogger("darkwood.copilot")
REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""Of the request that is being answered; empty outside of one."""

NOTED: ContextVar[dict[str, Any] | None] = ContextVar("noted", default=None)
"""What the line of the request in the log says beside its status."""


class JsonLines(logging.Formatter):
    """A record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level and event first, then the fields that `log` was given."""
        row: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        if request_id := REQUEST_ID.get():
            row["request_id"] = request_id
        row |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[1] is not None:
            row["exception"] = self.formatException(record.exc_info)
        return json.dumps(row, default=str, ensure_ascii=False)


def start_logging(*names: str) -> None:
    """Send what the service, and loggers of other names, log to standard error as JSON; once."""
    for logger in (LOGGER, *map(logging.getLogger, names)):
        if not logger.handlers:
            handler = logging.StreamHandler(sys.stderr)
            handler.setFormatter(JsonLines())
            logger.addHandler(handler)
            logger.setLevel(logging.INFO)
            logger.propagate = False


def log(event: str, *, level: int = logging.INFO, **fields: Any) -> None:
    """One line; fields that are None are left out."""
    kept = {name: value for name, value in fields.items() if value is not None}
    LOGGER.log(level, event, extra={"fields": kept})


def note(**fields: Any) -> None:
    """Add to the line that the request will have in the log."""
    noted = NOTED.get()
    if noted is not None:
        noted |= {name: value for name, value in fields.items() if value is not None}
