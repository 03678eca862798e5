"""Many programs: journalled, run once, never charged for what is not theirs."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from small_limits import LIMITS

from darkwood_bench.journal import Journal
from darkwood_bench.progress import Progress
from darkwood_bench.sandbox import ExecutionJob, ResultStore, Sandbox, batch, execute_all
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

    def counted(self: Sandbox, code: str) -> Any:
        codes.append(code)
        return run(self, code)

    monkeypatch.setattr(Sandbox, "run", counted)
    return codes


def jobs(tables: dict[str, Path], *codes: str | None) -> list[ExecutionJob]:
    return [
        ExecutionJob(f"g{number}", f"t{number}", code, tables, "hash", "base")
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
            jobs(tables, *codes), journal=journal, results=results, limits=LIMITS, concurrency=1
        )
    monkeypatch.setattr(batch.ResultStore, "put", put)
    started.clear()
    rows = execute_all(jobs(tables, *codes), journal=journal, results=results, limits=LIMITS)
    assert started == codes[2:]
    assert [results.get(row["result_hash"]).item() for row in rows] == [0, 1, 2, 3]
