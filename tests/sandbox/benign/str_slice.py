result = sales.head(10).select(pl.col("item").str.slice(1, 3).alias("a"), pl.col("item").str.head(2).alias("b"), pl.col("item").str.tail(2).alias("c"))
