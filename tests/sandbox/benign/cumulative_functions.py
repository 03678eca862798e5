result = sales.head(40).select(
    pl.col("qty").cum_sum().alias("sum"), pl.col("qty").cum_max().alias("max"), pl.col("qty").cum_min().alias("min"),
    pl.col("qty").cum_count().alias("count"), pl.col("paid").cum_sum().alias("paid"),
    pl.col("qty").cast(pl.Int64).head(40).cum_prod().alias("product"),
)
