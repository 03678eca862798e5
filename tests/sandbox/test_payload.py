"""Payloads that are no results, and the process that reads them."""

import json
import os
import random
import shutil
import signal
import textwrap
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from pyarrow import ipc

from darkwood_bench.sandbox import Limits, bubblewrap, jail, payload, probe_isolation
from darkwood_bench.sandbox.folders import INSIDE
from darkwood_bench.sandbox.payload import PayloadError, PayloadReader
from darkwood_bench.tables import INFRASTRUCTURE

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


@pytest.mark.parametrize(
    "frame",
    [
        pl.DataFrame({"x": pl.repeat("x" * 1000, 10, eager=True)}),
        pl.DataFrame({"x": pl.Series([None] * 10, dtype=pl.Array(pl.Null, 1000))}),
        pl.DataFrame({"x": pl.Series([None, ["x" * 99]], dtype=pl.List(pl.Categorical))}),
        pl.DataFrame({"x": [{"y": b"x" * 99, "z": None}, None]}),
    ],
)
def test_values_that_share_bytes_are_read(reader: PayloadReader, frame: pl.DataFrame) -> None:
    assert reader.read(encoded(frame), {}).equals(frame)


@pytest.mark.parametrize(
    "frame",
    [
        pl.DataFrame({"x": pl.repeat("x" * 1_000_000, 9, eager=True)}),
        pl.DataFrame({"x": pl.repeat("x" * 1_000_000, 9, eager=True).cast(pl.Categorical)}),
        pl.DataFrame({"x": pl.repeat("x" * 1_000_000, 9, eager=True).implode()}),
        pl.DataFrame({"x": pl.Series([None], dtype=pl.Array(pl.Null, 9 << 20))}),
    ],
)
def test_a_few_bytes_that_stand_for_many_are_refused(
    reader: PayloadReader, frame: pl.DataFrame
) -> None:
    """LIMITS allow a million bytes, and eight when each value is written out."""
    with pytest.raises(PayloadError, match="written out") as caught:
        reader.read(encoded(frame), {})
    assert caught.value.status == "result_too_large"


@pytest.mark.parametrize(
    "column",
    [
        pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())),
        pa.array([[1]], pa.list_view(pa.int64())),
        pa.array([1]).dictionary_encode(),
        pa.array([{"x": None}], pa.struct([pa.field("x", pa.decimal256(76, 0))])),
    ],
)
def test_types_that_polars_does_not_write_are_refused(
    reader: PayloadReader, column: pa.Array
) -> None:
    table = pa.table({"x": column})
    buffer = BytesIO()
    with ipc.new_stream(buffer, table.schema) as writer:
        writer.write_table(table)
    with pytest.raises(PayloadError, match="Polars does not write") as caught:
        reader.read(buffer.getvalue(), {})
    assert caught.value.status == "payload_invalid"


def test_columns_are_cast_by_name_not_by_pattern(reader: PayloadReader) -> None:
    frame = pl.DataFrame({"^.*$": ["1"], "b": ["2"]})
    read = reader.read(encoded(frame), {"^.*$": "Int128"})
    assert read.schema == {"^.*$": pl.Int128, "b": pl.String}


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


Standin = Callable[[str], PayloadReader]


@pytest.fixture
def standin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Standin]:
    """Makes a reader whose parser a payload that holds TAKEOVER has taken over."""
    readers: list[PayloadReader] = []

    def make(statements: str) -> PayloadReader:
        inside = tmp_path / "inside"
        shutil.copytree(INSIDE, inside)
        with (inside / "parser.py").open("a") as program:
            program.write(
                "\n\n_honest = _read\n\n\ndef _read(data, *rest):\n"
                "    import time\n"
                "    if b'TAKEOVER' not in data:\n        return _honest(data, *rest)\n"
                f"{textwrap.indent(statements, '    ')}\n"
            )
        tmp_path.chmod(0o755)
        for module in (jail, bubblewrap):
            monkeypatch.setattr(module, "INSIDE", inside)
        readers.append(PayloadReader(probe_isolation().confinement, LIMITS))
        return readers[-1]

    yield make
    for reader in readers:
        reader.close()


FORGED = (json.dumps([["forged", "int64", None, {}, 1, [-1, 8], []]]).encode(), bytes(8))
WRITE_FORGED = (
    f"frames.write_frame(descriptor, frames.META, {FORGED[0]!r}); "
    f"frames.write_frame(descriptor, frames.DATA, {FORGED[1]!r})"
)


@pytest.mark.parametrize(
    "statements",
    [
        f"descriptor = 3\n{WRITE_FORGED}\nreturn {FORGED!r}",
        f"descriptor = 3\n{WRITE_FORGED}\n{WRITE_FORGED}\nos._exit(_DONE)",
        f"descriptor = 3\n{WRITE_FORGED}\nos.write(3, b'D')\nos._exit(_DONE)",
        # Whatever other descriptors there are.
        "for descriptor in range(3, 64):\n    try:\n"
        f"        {WRITE_FORGED}\n    except OSError:\n        pass\nreturn {FORGED!r}",
        # Reads what would be the next request, to keep it from the server.
        "for descriptor in range(4, 64):\n    try:\n        os.set_blocking(descriptor, False)\n"
        "        os.read(descriptor, 1)\n    except OSError:\n        continue\n"
        f"    descriptor = 3\n    {WRITE_FORGED}\n    os._exit(_DONE)\nos._exit(1)",
    ],
)
def test_a_payload_that_takes_its_parser_over_has_no_say_in_the_next(
    standin: Standin, statements: str
) -> None:
    reader = standin(statements)
    with pytest.raises(PayloadError) as caught:
        reader.read(b"TAKEOVER", {})
    assert caught.value.status == "payload_invalid"
    for _ in range(3):
        assert reader.read(encoded(FRAME), {}).equals(FRAME)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"status": "zygote_lost", "message": "x"}',
        b'{"status": [], "message": 1}',
    ],
)
def test_a_parser_cannot_say_that_it_was_not_the_payload(standin: Standin, body: bytes) -> None:
    reader = standin(f"frames.write_frame(3, frames.ERROR, {body!r})\nos._exit(_DONE)")
    with pytest.raises(PayloadError) as caught:
        reader.read(b"TAKEOVER", {})
    assert caught.value.status == "payload_invalid"


def test_a_parser_cannot_pass_on_more_rows_than_are_allowed(standin: Standin) -> None:
    rows = json.dumps([["a", "null", None, {}, LIMITS.result_rows + 1, [-1], []]]).encode()
    reader = standin(f"return {rows!r}, b''")
    with pytest.raises(PayloadError, match="rows"):
        reader.read(b"TAKEOVER", {})


def test_what_a_parser_prints_does_not_fill_a_pipe(standin: Standin) -> None:
    reader = standin("os.write(2, b'x' * (1 << 20))\nraise ValueError('told')")
    with pytest.raises(PayloadError, match="told"):
        reader.read(b"TAKEOVER", {})


def test_a_late_reader_is_no_fault_of_the_payload(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = PayloadReader(probe_isolation().confinement, LIMITS)
    reader.read(encoded(FRAME), {})
    assert reader._server is not None
    server = reader._server.program()
    assert server is not None
    os.kill(server, signal.SIGSTOP)
    monkeypatch.setattr(payload, "_PATIENCE", 0.2)
    with pytest.raises(PayloadError) as caught:
        reader.read(encoded(FRAME), {})
    assert caught.value.status in INFRASTRUCTURE
    monkeypatch.undo()
    assert reader.read(encoded(FRAME), {}).equals(FRAME)
    reader.close()


@pytest.mark.parametrize(
    "wait",
    ["time.sleep(60)", "os.read(os.pipe()[0], 1)", "import threading\nthreading.Event().wait(60)"],
)
def test_a_payloads_process_cannot_wait(standin: Standin, wait: str) -> None:
    """So its CPU time, which is short, is all the time that a payload can take."""
    if not probe_isolation().confinement.seccomp:
        pytest.skip("nothing forbids it without seccomp")
    reader = standin(wait)
    reader.read(encoded(FRAME), {})
    started = time.monotonic()
    with pytest.raises(PayloadError) as caught:
        reader.read(b"TAKEOVER", {})
    assert caught.value.status == "payload_invalid"
    assert time.monotonic() - started < 30
    assert reader.read(encoded(FRAME), {}).equals(FRAME)


def test_a_payload_that_takes_too_long_to_read_is_at_fault(
    standin: Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payload, "_CPU_S", 1)
    with pytest.raises(PayloadError) as caught:
        standin("while True: pass").read(b"TAKEOVER", {})
    assert caught.value.status == "payload_invalid"
