result = sales.select(pl.col("id").cast(pl.Int128).sum())
