result = readings.head(30).select(
    pl.col("at").dt.convert_time_zone("America/New_York").alias("ny"), pl.col("at").dt.replace_time_zone(None).alias("naive"), pl.col("at").dt.convert_time_zone("UTC").dt.hour().alias("utc"),
    pl.col("at").dt.base_utc_offset().alias("base"), pl.col("at").dt.dst_offset().alias("dst"),
)
