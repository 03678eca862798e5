result = sales.lazy().select("id").filter(pl.col("id") > 390).collect(optimizations=pl.QueryOptFlags.none())
