"""Payloads that are no results, and the process that reads them."""

import os
import random
import signal
from collections.abc import Iterator
from io import BytesIO

import polars as pl
import pytest

from darkwood_bench.sandbox import Limits, probe_isolation
from darkwood_bench.sandbox.payload import PayloadError, PayloadReader

FRAME = pl.DataFrame({"a": ["x", None, "a longer string than fits"], "b": [[1.5], [], None]})
LIMITS = Limits(result_rows=10, result_bytes=1 << 20)


def encoded(frame: pl.DataFrame) -> bytes:
    buffer = BytesIO()
    frame.write_ipc_stream(buffer)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def reader() -> Iterator[PayloadReader]:
    reader = PayloadReader(probe_isolation().confinement, LIMITS)
    yield reader
    reader.close()


def test_a_payload_is_read(reader: PayloadReader) -> None:
    assert reader.read(encoded(FRAME), {}).equals(FRAME)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", "payload_invalid"),
        (b"CORRECT", "payload_invalid"),
        (encoded(FRAME)[:-40], "payload_invalid"),
        (encoded(pl.DataFrame({"a": range(11)})), "result_too_large"),
    ],
)
def test_a_payload_is_refused(reader: PayloadReader, data: bytes, status: str) -> None:
    with pytest.raises(PayloadError) as caught:
        reader.read(data, {})
    assert caught.value.status == status


def test_columns_that_are_not_there_are_refused(reader: PayloadReader) -> None:
    with pytest.raises(PayloadError):
        reader.read(encoded(FRAME), {"nope": "Int128"})


def test_mutated_payloads_crash_nothing_here(reader: PayloadReader) -> None:
    """Whatever comes of them, the next payload is read as ever."""
    source, chance = encoded(FRAME), random.Random(7)
    for _ in range(150):
        data = bytearray(source)
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            reader.read(bytes(data), {})
        except PayloadError as error:
            assert error.status in ("payload_invalid", "result_too_large")
    assert reader.read(encoded(FRAME), {}).equals(FRAME)


def test_a_lost_reader_is_started_again() -> None:
    reader = PayloadReader(probe_isolation().confinement, LIMITS)
    reader.read(encoded(FRAME), {})
    assert reader._server is not None
    os.killpg(reader._server.process.pid, signal.SIGKILL)
    assert reader.read(encoded(FRAME), {}).equals(FRAME)
    reader.close()
