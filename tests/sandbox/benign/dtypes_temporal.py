from datetime import date, datetime, time, timedelta
result = pl.DataFrame({
    "d": [date(1, 1, 1), date(9999, 12, 31)], "t": [time(23, 59, 59, 999999), time(0)], "ms": pl.Series([datetime(1970, 1, 1), None], dtype=pl.Datetime("ms")), "ns": pl.Series([1, 2]).cast(pl.Datetime("ns", "UTC")),
    "u": [timedelta(days=-1), timedelta(microseconds=1)], "dns": pl.Series([1, None]).cast(pl.Duration("ns")),
})
