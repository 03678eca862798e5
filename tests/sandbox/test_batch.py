"""Many programs: journalled, run once, never charged for what is not theirs."""

import platform
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small_limits import LIMITS

from darkwood_bench.journal import Journal
from darkwood_bench.progress import Progress
from darkwood_bench.sandbox import (
    ExecutionJob,
    Here,
    Program,
    ResultStore,
    Sandbox,
    batch,
    execute_all,
    folders,
    sandbox_version,
)
from darkwood_bench.tables import EXECUTIONS


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "executions.jsonl", key="execution_key")


@pytest.fixture
def results(tmp_path: Path) -> ResultStore:
    return ResultStore(tmp_path / "results")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The programs that really ran."""
    codes: list[str] = []
    run = Sandbox.run

    def counted(self: Sandbox, program: Program) -> Any:
        codes.append(program.code)
        return run(self, program)

    monkeypatch.setattr(Sandbox, "run", counted)
    return codes


def jobs(tables: dict[str, Path], *codes: str | None) -> list[ExecutionJob]:
    return [
        ExecutionJob(f"g{number}", f"suite/t{number}", code, tables, "hash", "base")
        for number, code in enumerate(codes)
    ]


def test_rows_of_the_table(tables: dict[str, Path], journal: Journal, results: ResultStore) -> None:
    reports: list[Progress] = []
    rows = execute_all(
        jobs(tables, "result = orders.head(3)", None, "print('hi')\n1 / 0"),
        journal=journal,
        results=results,
        limits=LIMITS,
        report=reports.append,
    )
    frame = EXECUTIONS.frame(rows)
    assert frame["status"].to_list() == ["ok", "not_run", "runtime_error"]
    assert frame["generation_id"].to_list() == ["g0", "g1", "g2"]
    assert results.get(rows[0]["result_hash"]).shape == (3, 3)
    assert (rows[0]["rows"], rows[0]["columns"]) == (3, 3)
    assert (rows[2]["error_class"], rows[2]["error_line"]) == ("ZeroDivisionError", 2)
    assert rows[2]["stdout_tail"] == "hi\n"
    assert (reports[0].done, reports[-1].done, reports[-1].total) == (1, 3, 3)


def test_nothing_runs_twice(
    tables: dict[str, Path], journal: Journal, results: ResultStore, started: list[str]
) -> None:
    code = "result = orders.head(3)"
    first = execute_all(jobs(tables, code, code), journal=journal, results=results, limits=LIMITS)
    again = execute_all(jobs(tables, code, code), journal=journal, results=results, limits=LIMITS)
    assert started == [code]
    assert again == first


def test_what_makes_an_execution_another(
    tables: dict[str, Path], journal: Journal, results: ResultStore, started: list[str]
) -> None:
    (job,) = jobs(tables, "result = orders.head(3)")
    variants = [
        job,
        replace(job, tables_hash="other"),
        replace(job, data_variant="other"),
        replace(job, tables={"orders": tables["orders"]}),
    ]
    execute_all(variants, journal=journal, results=results, limits=LIMITS)
    execute_all([job], journal=journal, results=results, limits=replace(LIMITS, wall_s=3))
    assert len(started) == 5


def test_a_lost_result_is_made_again(
    tables: dict[str, Path], journal: Journal, results: ResultStore, started: list[str]
) -> None:
    job = jobs(tables, "result = orders.head(3)")
    (row,) = execute_all(job, journal=journal, results=results, limits=LIMITS)
    (results.folder / f"{row['result_hash']}.arrow").unlink()
    (row,) = execute_all(job, journal=journal, results=results, limits=LIMITS)
    assert len(started) == 2
    assert results.get(row["result_hash"]).height == 3


def test_infrastructure_is_not_journalled(
    tmp_path: Path, journal: Journal, results: ResultStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "t.parquet"
    table.write_bytes(b"torn")
    job = jobs({"t": table}, "result = t")
    (row,) = execute_all(job, journal=journal, results=results, limits=LIMITS)
    assert row["status"] == "setup_failed"
    assert journal.read() == {}


@pytest.mark.parametrize("status", ["timeout", "killed"])
def test_what_a_busy_machine_ended_is_run_again_alone(
    status: str,
    tables: dict[str, Path],
    journal: Journal,
    results: ResultStore,
    started: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slow, others = "result = orders.height", [f"result = {number}" for number in range(3)]
    run = Sandbox.run

    def run_among_others(self: Sandbox, program: Program) -> Any:
        execution = run(self, program)
        beside_others = program.code == slow and started.count(slow) == 1
        return replace(execution, status=status, result=None) if beside_others else execution

    monkeypatch.setattr(Sandbox, "run", run_among_others)
    rows = execute_all(
        jobs(tables, slow, *others), journal=journal, results=results, limits=LIMITS, runner=Here(2)
    )
    assert started[-1] == slow
    assert sorted(started) == sorted([slow, *others, slow])
    assert [row["status"] for row in rows] == ["ok"] * 4
    assert results.get(rows[0]["result_hash"]).item() == 20_000
    assert [row["status"] for row in journal.read().values()] == ["ok"] * 4


def test_a_program_that_never_ends_is_believed_the_second_time(
    tables: dict[str, Path], journal: Journal, results: ResultStore, started: list[str]
) -> None:
    endless = jobs(tables, "while True: pass")
    for _ in range(2):
        (row,) = execute_all(endless, journal=journal, results=results, limits=LIMITS)
        assert row["status"] in ("timeout", "cpu_limit")
    assert len(started) == 2
    assert len(journal.read()) == 1


def test_a_kill_loses_only_what_was_not_done(
    tables: dict[str, Path],
    journal: Journal,
    results: ResultStore,
    started: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    codes = [f"result = {number}" for number in range(4)]
    put = ResultStore.put

    def die_at_the_third(self: ResultStore, frame: Any) -> str:
        if len(journal.read()) == 2:
            raise KeyboardInterrupt
        return put(self, frame)

    monkeypatch.setattr(batch.ResultStore, "put", die_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        execute_all(
            jobs(tables, *codes), journal=journal, results=results, limits=LIMITS, runner=Here(1)
        )
    monkeypatch.setattr(batch.ResultStore, "put", put)
    started.clear()
    rows = execute_all(jobs(tables, *codes), journal=journal, results=results, limits=LIMITS)
    assert started == codes[2:]
    assert [results.get(row["result_hash"]).item() for row in rows] == [0, 1, 2, 3]


@pytest.mark.parametrize(("package", "matters"), [("pandas", False), ("pyarrow", True)])
def test_an_execution_is_another_with_another_version_of_what_it_can_import(
    package: str, matters: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sandbox_version()
    information = tmp_path / f"{package}-99.1.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {package}\nVersion: 99.1\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    folders.package_versions.cache_clear()
    try:
        after = sandbox_version()
    finally:
        monkeypatch.undo()
        folders.package_versions.cache_clear()
    assert (after != before) == matters
    assert ("pyarrow 99.1" in after) == matters
    assert f"python {platform.python_version()}, polars {pl.__version__}" in before


def test_programs_of_a_suite_share_a_process_and_see_their_own_tables(
    tables: dict[str, Path],
    journal: Journal,
    results: ResultStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[set[str]] = []
    enter = Sandbox.__enter__

    def counted(self: Sandbox) -> Sandbox:
        opened.append(set(self.tables))
        return enter(self)

    monkeypatch.setattr(Sandbox, "__enter__", counted)
    broken = tmp_path / "orders.parquet"
    broken.write_bytes(b"no parquet")
    one = {"orders": tables["orders"]}
    elsewhere = {"orders": broken}
    code = "result = pl.Series([n for n in ('orders', 'customers') if n in globals()])"
    asked = [
        ExecutionJob(name, f"suite/{name}", code, given, f"hash of {name}", name)
        for name, given in (("one", one), ("two", tables), ("three", elsewhere))
    ]
    rows = execute_all(asked, journal=journal, results=results, limits=LIMITS)
    assert [len(held) for held in opened] == [3]
    assert [(row["status"], row["rows"]) for row in rows] == [
        ("ok", 1),
        ("ok", 2),
        ("setup_failed", None),
    ]
