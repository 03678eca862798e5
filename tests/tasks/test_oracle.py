"""The oracle's results as Polars frames."""

import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from darkwood_bench.tasks import run_oracle


@pytest.fixture
def tables(tmp_path: Path) -> dict[str, Path]:
    path = tmp_path / "it's here.parquet"
    pl.DataFrame({"n": [1, 2, None], "x": [0.5, float("nan"), None]}).write_parquet(path)
    return {"numbers": path, "order": path}


def test_sums_of_whole_numbers_are_64_bit(tables: dict[str, Path]) -> None:
    frame = run_oracle("SELECT sum(n) AS total, count(*) AS rows FROM numbers", tables)
    assert_frame_equal(frame, pl.DataFrame({"total": [3], "rows": [3]}))


def test_decimals_stay_decimals(tables: dict[str, Path]) -> None:
    frame = run_oracle("SELECT sum(CAST(n AS DECIMAL(15, 2))) AS total FROM numbers", tables)
    assert frame.schema == {"total": pl.Decimal(38, 2)}


def test_null_and_nan_are_kept_apart(tables: dict[str, Path]) -> None:
    frame = run_oracle("SELECT x FROM numbers", tables)
    assert frame["x"].is_nan().to_list() == [False, True, None]


def test_nan_is_found_though_parquet_statistics_leave_it_out(tmp_path: Path) -> None:
    path = tmp_path / "ratings.parquet"
    pl.DataFrame({"x": [0.5, 5.0, float("nan")]}).write_parquet(path, statistics="full")
    found = run_oracle("SELECT count(*) AS n FROM ratings WHERE isnan(x)", {"ratings": path})
    larger = run_oracle("SELECT count(*) AS n FROM ratings WHERE x > 5", {"ratings": path})
    assert (found["n"].item(), larger["n"].item()) == (1, 1)


def test_the_zone_is_utc_wherever_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "seen.parquet"
    evening = datetime(2024, 1, 31, 23, 30, tzinfo=UTC)
    pl.DataFrame(
        {"seen_at": [evening]}, schema={"seen_at": pl.Datetime("us", "UTC")}
    ).write_parquet(path)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        frame = run_oracle("SELECT seen_at, CAST(seen_at AS DATE) AS day FROM seen", {"seen": path})
    finally:
        monkeypatch.undo()
        time.tzset()
    assert frame.schema["seen_at"] == pl.Datetime("us", "UTC")
    assert frame["day"].item() == evening.date()


def test_a_table_may_be_called_like_a_keyword(tables: dict[str, Path]) -> None:
    assert run_oracle('SELECT n FROM "order" WHERE n = 2', tables)["n"].to_list() == [2]


def test_an_empty_result_keeps_its_columns(tables: dict[str, Path]) -> None:
    frame = run_oracle("SELECT n, x FROM numbers WHERE n > 9", tables)
    assert frame.schema == {"n": pl.Int64(), "x": pl.Float64()}
    assert frame.height == 0


@pytest.mark.parametrize("sql", ["SELECT nothing FROM numbers", "SELEC 1", "-- nothing"])
def test_sql_that_gives_no_table_is_an_error(tables: dict[str, Path], sql: str) -> None:
    with pytest.raises(duckdb.Error):
        run_oracle(sql, tables)


def test_the_engine_knows_daylight_saving(tmp_path: Path) -> None:
    path = tmp_path / "moments.parquet"
    moments = pl.Series([datetime(2024, 10, 27, 0, 30), datetime(2024, 10, 27, 1, 30)])
    pl.DataFrame({"moment": moments.dt.replace_time_zone("UTC")}).write_parquet(path)
    frame = run_oracle(
        "SELECT moment AT TIME ZONE 'Europe/Paris' AS clock FROM moments", {"moments": path}
    )
    # The clock shows half past two twice.
    assert frame["clock"].to_list() == [datetime(2024, 10, 27, 2, 30)] * 2
