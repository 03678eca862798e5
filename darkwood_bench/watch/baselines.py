"""Which score of a partition is the accepted one: what every newer score of it is held against.

An acceptance is a file that is never changed: <tables>/accepted/<model>/<variant>/<time>-<score
id>.json. The newest that was asked in the same way counts, so that a slice, a mode, a budget and a
device have a baseline each.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from upath import UPath

from darkwood_bench.score_history import kept_score
from darkwood_bench.storage import TableError, write_whole

FOLDER = "accepted"
CONDITIONS = ("slice", "mode", "budgets", "device")
"""Columns of `tables.SCORES`: where one of them differs, T or N is of another question."""
_TIME = "%Y%m%dT%H%M%S%f"

Row = Mapping[str, Any]
"""A row of `tables.SCORES` for all of a partition's tasks."""


@dataclass(frozen=True)
class Accepted:
    """One acceptance."""

    model: str
    prompt_variant: str
    score_id: str
    conditions: tuple[str, ...]
    """The score's values of `CONDITIONS`."""
    accepted_at: str
    """ISO 8601, UTC."""
    by: str
    """Who said so: `first` for the first score of a night, else a person's login."""
    note: str


def accept(tables: str, row: Row, by: str, note: str = "") -> Accepted:
    """Make a score the baseline of its partition, for scores that are asked in its way.

    Raises OSError where the file cannot be written.
    """
    now = datetime.now(UTC)
    accepted = Accepted(
        row["model"],
        row["prompt_variant"],
        row["score_id"],
        conditions_of(row),
        now.isoformat(),
        by,
        note,
    )
    folder = UPath(tables) / FOLDER / accepted.model / accepted.prompt_variant
    folder.mkdir(parents=True, exist_ok=True)
    data = json.dumps(asdict(accepted), ensure_ascii=False, indent=1)
    write_whole(folder / f"{now.strftime(_TIME)}-{accepted.score_id}.json", data.encode())
    return accepted


def baseline_of(tables: str, row: Row) -> Row | None:
    """The accepted score that a score is held against; None where none was asked in its way.

    Raises TableError where an acceptance cannot be read, or its score is not kept any more.
    """
    wanted = conditions_of(row)
    for accepted in accepted_scores(tables, row["model"], row["prompt_variant"]):
        if accepted.conditions == wanted:
            found = kept_score(tables, accepted.model, accepted.prompt_variant, accepted.score_id)
            if found is None:
                partition = f"{accepted.model}/{accepted.prompt_variant}"
                raise TableError(
                    f"{partition}: its accepted score {accepted.score_id[:8]} is not kept any "
                    f"more; accept another: `darkwood nightly accept {partition}`"
                )
            return found
    return None


def accepted_scores(tables: str, model: str, variant: str) -> Iterator[Accepted]:
    """A partition's acceptances, newest first. Raises TableError for a file that is damaged."""
    folder = UPath(tables) / FOLDER / model / variant
    paths = folder.iterdir() if folder.exists() else ()
    whole = [path for path in paths if path.name.endswith(".json") and path.name[0] != "."]
    for path in sorted(whole, key=lambda path: path.name, reverse=True):
        try:
            found = json.loads(path.read_bytes())
            yield Accepted(**found | {"conditions": tuple(found["conditions"])})
        except (ValueError, TypeError, KeyError) as error:
            raise TableError(
                f"{path}: not an acceptance ({error}); delete it and accept the score again"
            ) from error


def conditions_of(row: Row) -> tuple[str, ...]:
    """How a score was asked, as baselines are told apart."""
    return tuple(row[name] for name in CONDITIONS)
