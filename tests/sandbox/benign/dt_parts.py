result = sales.head(60).select(
    *[getattr(pl.col("at").dt, part)().alias(part) for part in ("year", "month", "day", "hour", "minute", "second", "weekday", "week", "ordinal_day", "quarter", "iso_year", "millisecond", "microsecond", "nanosecond", "date", "time", "century", "millennium", "is_leap_year")]
)
