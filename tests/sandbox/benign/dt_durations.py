result = sales.head(20).with_columns(age=pl.col("at") - pl.col("at").min()).select(
    "age", pl.col("age").dt.total_days().alias("days"), pl.col("age").dt.total_hours().alias("hours"), pl.col("age").dt.total_seconds().alias("s"), pl.col("age").dt.total_milliseconds().alias("ms")
)
