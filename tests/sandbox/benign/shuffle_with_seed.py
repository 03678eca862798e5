result = sales.select(pl.col("id").shuffle(seed=3))
