"""A file that was sent becomes an upload: it is looked into in the sandbox."""

import time
from dataclasses import replace

import polars as pl

from darkwood_bench.copilot.errors import NoData, Refused
from darkwood_bench.copilot.forms import SentFile
from darkwood_bench.copilot.models import MOST_COLUMNS
from darkwood_bench.copilot.runner import NotRun, Runner
from darkwood_bench.copilot.uploads import Place, Upload, format_of, table_name

_LOOK = "print(t.height)\nresult = t.head(0)"
"""What is run over a file to know its columns: reading it is the sandbox's, for it may be made to
do harm."""


async def look_into(sent: SentFile, place: Place, owner: str, runner: Runner) -> Upload:
    """What a file has in it. Raises Refused for one that cannot be read, or is too wide."""
    format_ = format_of(sent.name, sent.start)
    table, now = table_name(sent.name), time.monotonic()
    upload = Upload(place.upload_id, owner, table, format_, {}, 0, sent.size, place.path, now)
    frame, rows = await _looked_into(upload, runner)
    return replace(upload, columns=dict(frame.schema), n_rows=rows)


async def _looked_into(upload: Upload, runner: Runner) -> tuple[pl.DataFrame, int]:
    """The table without its rows, and how many it has."""
    try:
        execution = await runner.run(_LOOK, {"t": upload})
    except (NotRun, NoData) as error:
        raise Refused(503, str(error)) from error
    if execution.result is None or execution.result.height:
        raise Refused(422, f"file: it cannot be read as {upload.format}")
    if not 0 < execution.result.width <= MOST_COLUMNS:
        raise Refused(422, f"file: it has {execution.result.width} columns")
    # What it prints is the sandbox's word; a file that took it over deceives itself alone.
    said = execution.stdout.strip()
    return execution.result, int(said) if said.isascii() and said.isdigit() else 0
