x = pl.DataFrame({"s": ["a,b,c", "d", None]})
result = x.select(pl.col("s").str.split(",").alias("list"), pl.col("s").str.split_exact(",", 1).alias("exact"), pl.col("s").str.splitn(",", 2).alias("n"), pl.col("s").str.split(",", inclusive=True).alias("inclusive"))
