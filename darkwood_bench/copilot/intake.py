"""A file that was sent becomes an upload: kept, and looked into in the sandbox."""

import asyncio
import time
from functools import partial
from pathlib import Path
from typing import BinaryIO

import polars as pl

from darkwood_bench.copilot.errors import Refused
from darkwood_bench.copilot.models import MOST_COLUMNS
from darkwood_bench.copilot.runner import NotRun, Runner
from darkwood_bench.copilot.uploads import Upload, Uploads, format_of, keep, table_name
from darkwood_bench.sandbox import Brought

_LOOK = "print(t.height)\nresult = t.head(0)"
"""What is run over a file to know its columns: reading it is the sandbox's, for it may be made to
do harm."""


async def take_in(
    source: BinaryIO, file_name: str, owner: str, uploads: Uploads, runner: Runner, most_bytes: int
) -> Upload:
    """Keep a file that was sent. Raises Refused for one that cannot be read, or is too much."""
    upload_id, path = uploads.reserve()
    format_ = format_of(file_name, await asyncio.to_thread(_start, source))
    loop = asyncio.get_running_loop()
    keeping = loop.run_in_executor(None, keep, source, path, most_bytes)
    try:
        size = await asyncio.shield(keeping)
        contents = await asyncio.to_thread(path.read_bytes)
        frame, rows = await _looked_into(Brought(format_, contents), runner)
        upload = Upload(
            upload_id,
            owner,
            table_name(file_name),
            format_,
            dict(frame.schema),
            rows,
            size,
            path,
            time.monotonic(),
        )
        uploads.add(upload)
    except BaseException:
        # A thread cannot be cancelled: who gives up meanwhile leaves it to make its file.
        keeping.add_done_callback(partial(_remove, path))
        raise
    return upload


async def _looked_into(table: Brought, runner: Runner) -> tuple[pl.DataFrame, int]:
    """The table without its rows, and how many it has."""
    try:
        execution = await runner.run(_LOOK, {"t": table})
    except NotRun as error:
        raise Refused(503, str(error)) from error
    if execution.result is None or execution.result.height:
        raise Refused(422, f"file: it cannot be read as {table.format}")
    if not 0 < execution.result.width <= MOST_COLUMNS:
        raise Refused(422, f"file: it has {execution.result.width} columns")
    # What it prints is the sandbox's word; a file that took it over deceives itself alone.
    said = execution.stdout.strip()
    return execution.result, int(said) if said.isascii() and said.isdigit() else 0


def _start(source: BinaryIO) -> bytes:
    source.seek(0)
    start = source.read(4)
    source.seek(0)
    return start


def _remove(path: Path, kept: "asyncio.Future[int]") -> None:
    if not kept.cancelled():
        kept.exception()  # it has been told, or nobody waits for it
    path.unlink(missing_ok=True)
