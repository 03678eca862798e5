from datetime import date, datetime, time
result = pl.DataFrame({
    "i": pl.int_range(0, 10, 2, eager=True),
    "d": pl.date_range(date(2024, 2, 27), date(2024, 3, 2), eager=True),
    "t": pl.datetime_range(datetime(2024, 1, 1), datetime(2024, 1, 2), "6h", eager=True),
    "c": pl.time_range(time(0), time(16), "4h", eager=True),
    "l": pl.linear_space(0, 1, 5, eager=True),
})
