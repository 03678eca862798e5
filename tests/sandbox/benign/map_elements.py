result = sales.head(20).select(pl.col("qty").map_elements(lambda q: q * q + 1, return_dtype=pl.Int64), pl.col("item").map_elements(lambda s: s[::-1], return_dtype=pl.String))
