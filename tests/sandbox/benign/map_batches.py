result = sales.select(pl.col("amount").map_batches(lambda s: s.fill_null(0).cum_sum(), return_dtype=pl.Float64)).head(8)
