"""Tables that come with one program and are no other's."""

import time
from collections.abc import Iterator
from io import BytesIO

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from darkwood_bench.sandbox import Brought, Limits, Program, Sandbox, SandboxError, supervise

CARDS = pl.DataFrame({"name": ["Elf", "Orc", None], "cost": [1, 3, 2]})
MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox({}, Limits(wall_s=20, cpu_s=20)) as opened:
        yield opened


def brought(frame: pl.DataFrame, format_: str = "ipc_stream") -> Brought:
    buffer = BytesIO()
    writers = {"ipc_stream": "write_ipc_stream", "parquet": "write_parquet", "csv": "write_csv"}
    getattr(frame, writers[format_])(buffer)
    return Brought(format_, buffer.getvalue())


@pytest.mark.parametrize("format_", ["ipc_stream", "parquet", "csv"])
def test_a_program_finds_the_table_that_came_with_it(sandbox: Sandbox, format_: str) -> None:
    program = Program("result = cards", {}, {"cards": brought(CARDS, format_)})
    execution = sandbox.run(program)
    assert execution.status == "ok", execution.error_message
    assert execution.result is not None
    assert_frame_equal(execution.result, CARDS)


def test_the_next_program_does_not(sandbox: Sandbox) -> None:
    sandbox.run(Program("result = cards", {}, {"cards": brought(CARDS)}))
    execution = sandbox.run(Program("result = cards", {}))
    assert (execution.status, execution.error_class) == ("runtime_error", "NameError")


def test_a_file_that_is_none_is_the_programs_error(sandbox: Sandbox) -> None:
    program = Program("result = 1", {}, {"cards": Brought("parquet", b"PAR1 and no more")})
    execution = sandbox.run(program)
    assert execution.status == "runtime_error"
    assert "table cards cannot be read" in (execution.error_message or "")


def test_what_reading_it_takes_is_not_the_programs(sandbox: Sandbox) -> None:
    table = pl.DataFrame({"x": pl.int_range(0, 4_000_000, eager=True)})
    execution = sandbox.run(Program("result = table.height", {}, {"table": brought(table)}))
    assert execution.status == "ok", execution.error_message
    assert execution.peak_memory_bytes < 10 * MEGABYTE
    held = sandbox.run(Program("result = (table + 1).height", {}, {"table": brought(table)}))
    assert held.peak_memory_bytes > 25 * MEGABYTE


BUSY = """
held = bytearray(40 << 20)
held[::4096] = bytes(len(held[::4096]))
result = sum(range(2_000_000))
"""
FORGED = """
import os
held = bytearray(100 << 20)
held[::4096] = bytes(len(held[::4096]))
os.write(3, b"L" + bytes(8))
result = 1
"""


def test_a_program_waits_for_a_supervisor_that_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    count_from_here = supervise._Watch._count_from_here

    def late(watch: supervise._Watch) -> None:
        time.sleep(0.5)  # as on a busy machine
        count_from_here(watch)

    monkeypatch.setattr(supervise._Watch, "_count_from_here", late)
    # Of its own: after a pause the next program of a sandbox finds the engine started.
    with Sandbox({}, Limits(wall_s=20, cpu_s=20)) as sandbox:
        execution = sandbox.run(Program(BUSY, {}, {"cards": brought(CARDS)}))
    assert execution.status == "ok", execution.error_message
    assert execution.cpu_s > 0.01
    assert execution.wall_s > 0.01
    assert execution.peak_memory_bytes > 30 * MEGABYTE


@pytest.mark.parametrize("tables", [{}, {"cards": brought(CARDS)}])
def test_a_program_cannot_have_its_measurement_begin_again(
    sandbox: Sandbox, tables: dict[str, Brought]
) -> None:
    assert sandbox.run(Program(FORGED, {}, tables)).status == "payload_invalid"


def test_the_peak_of_memory_cannot_be_reset_by_the_program(sandbox: Sandbox) -> None:
    code = "import os\nresult = pl.DataFrame({'fd': sorted(map(int, os.listdir('/proc/self/fd')))})"
    execution = sandbox.run(Program(code, {}, {"cards": brought(CARDS)}))
    if execution.status != "ok":
        pytest.skip("its folder of descriptors cannot be listed here")
    assert execution.result is not None
    # The standard three, the results, and the one that the listing itself takes.
    assert execution.result["fd"].to_list() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("tables", "what"),
    [({"no name": brought(CARDS)}, "not a name"), ({"t": Brought("xlsx", b"")}, "no format")],
)
def test_names_and_formats_are_checked(
    sandbox: Sandbox, tables: dict[str, Brought], what: str
) -> None:
    with pytest.raises(SandboxError, match=what):
        sandbox.run(Program("result = 1", {}, tables))
