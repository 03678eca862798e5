result = sales.filter(pl.col("id") < 0)
