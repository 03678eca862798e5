result = sales.head(40).select(
    pl.col("at").dt.truncate("1mo").alias("month"), pl.col("at").dt.round("15m").alias("quarter"), pl.col("day").dt.offset_by("1mo").alias("next"), pl.col("day").dt.offset_by("-1y2mo3d").alias("before"),
    pl.col("day").dt.month_start().alias("start"), pl.col("day").dt.month_end().alias("end"),
)
