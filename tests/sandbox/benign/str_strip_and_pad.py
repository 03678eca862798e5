result = sales.head(30).select(
    pl.col("item").str.strip_chars().alias("strip"), pl.col("item").str.strip_chars_start("Rg").alias("start"), pl.col("item").str.strip_suffix(" ").alias("suffix"), pl.col("item").str.strip_prefix("Red").alias("prefix"),
    pl.col("item").str.pad_start(12, "*").alias("left"), pl.col("item").str.pad_end(12, ".").alias("right"), pl.col("id").cast(pl.String).str.zfill(5).alias("zeros"),
)
