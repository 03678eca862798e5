result = sales.head(30).select(
    pl.col("id").cast(pl.String).alias("s"), pl.col("amount").cast(pl.Int32, strict=False).alias("i"), pl.col("day").cast(pl.Datetime("ms")).alias("t"),
    pl.col("paid").cast(pl.Int8).alias("b"), pl.col("qty").cast(pl.Float32).alias("f"), pl.col("price").cast(pl.Float64).alias("p"), pl.col("day").cast(pl.Int32).alias("n"),
)
