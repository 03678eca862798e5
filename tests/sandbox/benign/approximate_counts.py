result = sales.select(pl.approx_n_unique("item"), pl.n_unique("shop").alias("shops"), pl.col("id").null_count().alias("nulls"))
