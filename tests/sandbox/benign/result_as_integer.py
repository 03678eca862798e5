result = sales.filter(pl.col("paid")).height
