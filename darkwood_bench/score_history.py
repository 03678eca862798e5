"""Every score that was ever made, so that two of them can be compared later.

The table `scores` holds a partition's newest score. Each is kept under history/ beside it as well,
one Parquet file a score: <tables>/history/<model>/<variant>/<time>-<score id>.parquet.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import polars as pl
from upath import UPath

from darkwood_bench.storage import read_parquet, write_whole
from darkwood_bench.tables import SCORES

FOLDER = "history"
_TIME = "%Y%m%dT%H%M%S%f"
_SHORTEST_ID = 6
"""Characters of a score's id that name it."""

Row = dict[str, Any]


class UnknownScore(Exception):
    """No kept score, or more than one, is meant by a reference; the message lists what there is."""


def keep_score(tables: str, scores: pl.DataFrame) -> None:
    """Keep one partition's rows of the table `scores`, unless its newest kept score is the same."""
    row = scores.row(0, named=True)
    folder = UPath(tables) / FOLDER / row["model"] / row["prompt_variant"]
    newest = max((path.name for path in _files(folder)), default="")
    if newest.endswith(f"-{row['score_id']}.parquet"):
        return
    buffer = BytesIO()
    scores.write_parquet(buffer)
    folder.mkdir(parents=True, exist_ok=True)
    at = row["scored_at"].astimezone(UTC).strftime(_TIME)
    write_whole(folder / f"{at}-{row['score_id']}.parquet", buffer.getvalue())


def past_scores(tables: str, model: str | None = None, variant: str | None = None) -> list[Row]:
    """Kept scores over all tasks of a run (category 'all'), oldest first; of other versions, none.

    Rows of the table `scores`.
    """
    rows = [row for path in _paths(UPath(tables) / FOLDER, model, variant) for row in _rows(path)]
    return sorted(rows, key=lambda row: row["scored_at"])


def newest_first(tables: str, model: str, variant: str) -> Iterator[Row]:
    """One partition's kept scores, each read when it is asked for: a year of nights is many files.

    Raises TableError for one that is damaged.
    """
    folder = UPath(tables) / FOLDER / model / variant
    for path in sorted(_files(folder), key=lambda path: path.name, reverse=True):
        yield from _rows(path)


def scored_partitions(tables: str) -> list[tuple[str, str]]:
    """Model and variant of every partition that has a kept score, sorted."""
    root = UPath(tables) / FOLDER
    return sorted((of.name, each.name) for of in _folders(root) for each in _folders(of))


def kept_score(tables: str, model: str, variant: str, score_id: str) -> Row | None:
    """The newest kept score of that id, or none. Raises TableError if it is damaged."""
    folder = UPath(tables) / FOLDER / model / variant
    named = [path for path in _files(folder) if path.name.endswith(f"-{score_id}.parquet")]
    return next(iter(_rows(max(named, key=lambda path: path.name))), None) if named else None


def find_score(tables: str, reference: str) -> Row:
    """The score that a person means: an id (or its beginning), MODEL/VARIANT for the newest,
    MODEL/VARIANT@previous for the one before, MODEL/VARIANT@2026-11-23 for the newest of that day
    or before it.

    Raises UnknownScore.
    """
    if "/" not in reference:
        return _by_id(past_scores(tables), reference)
    partition, _, moment = reference.partition("@")
    model, _, variant = partition.partition("/")
    rows = past_scores(tables, model, variant)
    if not rows:
        known = sorted({f"{row['model']}/{row['prompt_variant']}" for row in past_scores(tables)})
        raise UnknownScore(f"{partition} has no score; there are {', '.join(known) or 'none yet'}")
    if moment == "previous":
        if len(rows) < 2:
            raise UnknownScore(f"{partition} has one score, and so none before it")
        return rows[-2]
    return _at(rows, partition, moment) if moment else rows[-1]


def until(rows: list[Row], reference: str) -> datetime:
    """The moment that a person means: a date, or when a run or a score, named by its id or the
    beginning of it, was scored (the last of a run's).

    Raises UnknownScore.
    """
    if len(reference) >= _SHORTEST_ID:
        named = [
            row["scored_at"]
            for row in rows
            if row["dagster_run_id"].startswith(reference) or row["score_id"].startswith(reference)
        ]
        if named:
            return max(named)
    try:
        moment = datetime.fromisoformat(reference)
    except ValueError as error:
        raise UnknownScore(
            f"'{reference}' is no date (2026-11-23), and no run or score that `darkwood history` "
            "knows begins with it"
        ) from error
    if len(reference) == len("2026-11-23"):
        moment = moment.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return moment.astimezone(UTC)


def _rows(path: UPath) -> list[Row]:
    """The row over all tasks; none of another version's file."""
    frame = read_parquet(path, "it holds one past score; delete it, and only that one is lost")
    if "repeat_s" not in frame.columns and "wall_s" in frame.columns:
        frame = _with_one_repeat(frame)
    if frame.schema != SCORES.schema:
        return []
    return frame.filter(pl.col("category") == "all").to_dicts()


def _with_one_repeat(frame: pl.DataFrame) -> pl.DataFrame:
    """Scores from before repeats were kept: what is known of them is their mean."""
    means = [[[wall_s] for wall_s in walls] for walls in frame["wall_s"].to_list()]
    repeats = pl.Series("repeat_s", means, dtype=SCORES.schema["repeat_s"])
    wider = frame.with_columns(repeats)
    return wider.select(name for name in SCORES.columns if name in wider.columns)


def _by_id(rows: list[Row], reference: str) -> Row:
    found = {row["score_id"]: row for row in rows if row["score_id"].startswith(reference)}
    if len(reference) < _SHORTEST_ID or len(found) != 1:
        raise UnknownScore(
            f"'{reference}' is the beginning of {len(found)} scores' ids; give MODEL/VARIANT, or "
            f"{_SHORTEST_ID} characters or more of an id as `darkwood history` lists them"
        )
    return next(iter(found.values()))


def _at(rows: list[Row], partition: str, moment: str) -> Row:
    latest = until(rows, moment)
    before = [row for row in rows if row["scored_at"] <= latest]
    if not before:
        first = rows[0]["scored_at"]
        raise UnknownScore(f"{partition} has none until {moment}; its first is of {first:%F %T}")
    return before[-1]


def _paths(root: UPath, model: str | None, variant: str | None) -> Iterator[UPath]:
    models = [root / model] if model else _folders(root)
    for of_model in models:
        for folder in [of_model / variant] if variant else _folders(of_model):
            yield from _files(folder)


def _folders(root: UPath) -> list[UPath]:
    return [path for path in root.iterdir() if path.is_dir()] if root.exists() else []


def _files(folder: UPath) -> list[UPath]:
    paths = folder.iterdir() if folder.exists() else []
    return [path for path in paths if path.name.endswith(".parquet") and path.name[0] != "."]
