"""Who is told: the log, always, and a webhook where one is configured.

An alert is never the reason that a run or a sensor fails: what cannot be delivered is a line in the
log. The body is JSON with a `text`, which is all that chat services' incoming webhooks read, beside
the same as data.
"""

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from darkwood_bench.watch.judging import Verdict

WEBHOOK = "DARKWOOD_WEBHOOK"
TASKS_NAMED = 20


@dataclass(frozen=True)
class Alerts:
    """Where alerts go, and how patiently."""

    webhook: str | None = None
    """An http(s) address that takes a POST of JSON. It may hold a secret, so logs name its host."""
    timeout_s: float = 5.0
    waits_s: tuple[float, ...] = (1.0, 3.0)
    """Before the second try, the third, ...; all of it has to fit a sensor's minute."""

    @staticmethod
    def from_env() -> "Alerts":
        """The webhook of DARKWOOD_WEBHOOK, if it is set."""
        return Alerts(os.environ.get(WEBHOOK) or None)

    def send(self, alert: Mapping[str, Any], warn: Callable[[str], None]) -> bool:
        """Log an alert and post it; True where no webhook is set, or it took it.

        Tried again after a refused connection, a time-out, 408, 429 and 5xx. Never raises.
        """
        warn(alert["text"])
        if self.webhook is None:
            return True
        problem = "not tried"
        for wait_s in (0.0, *self.waits_s):
            time.sleep(wait_s)
            problem, again = self._post(json.dumps(alert, ensure_ascii=False, default=str))
            if problem == "":
                return True
            if not again:
                break
        warn(f"the webhook at {_host(self.webhook)} did not take the alert: {problem}")
        return False

    def _post(self, body: str) -> tuple[str, bool]:
        """What went wrong, '' for nothing, and whether it may pass."""
        try:
            if urlsplit(self.webhook or "").scheme not in ("http", "https"):
                return f"{WEBHOOK} is no http(s) address", False
            headers = {"Content-Type": "application/json; charset=utf-8"}
            request = Request(self.webhook or "", body.encode(), headers, method="POST")
            with urlopen(request, timeout=self.timeout_s):
                return "", False
        except HTTPError as error:
            return f"{error.code} {error.reason}", error.code in (408, 429) or error.code >= 500
        except (OSError, ValueError) as error:
            reason = error.reason if isinstance(error, URLError) else error
            if isinstance(reason, str):  # of the address; it may quote it
                return f"{WEBHOOK} is no http(s) address", False
            # A bad address can be quoted whole in the error, with its secret.
            return getattr(reason, "strerror", None) or type(reason).__name__, True


def regression_alert(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """What is said of partitions that are worse than their baselines; some verdict is given."""
    names = [verdict.partition for verdict in verdicts]
    lines = "\n".join(verdict.line for verdict in verdicts)
    return {
        "event": "regression",
        "text": f"darkwood: {len(names)} worse than accepted\n{lines}",
        "regressions": [_entry(verdict) for verdict in verdicts],
        "accept": f"darkwood nightly accept {' '.join(names)}",
    }


def run_failure_alert(run_id: str, partitions: str, reason: str) -> dict[str, Any]:
    """What is said of a night's run that ended without a score."""
    return {
        "event": "run_failed",
        "text": f"darkwood: the nightly run of {partitions} failed: {reason}",
        "run_id": run_id,
        "partitions": partitions,
        "reason": reason,
    }


def _entry(verdict: Verdict) -> dict[str, Any]:
    row, baseline, found = verdict.row, verdict.baseline, verdict.comparison
    return {
        "partition": verdict.partition,
        "score_id": row["score_id"],
        "run_id": row["dagster_run_id"],
        "baseline_score_id": baseline and baseline["score_id"],
        "lost": list(verdict.lost),
        "verdict": found and found.verdict,
        "tasks_lost": list(found.lost[:TASKS_NAMED]) if found else [],
        "differs": {name: list(pair) for name, pair in found.differs.items()} if found else {},
    }


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or "?"
    except ValueError:
        return "?"
