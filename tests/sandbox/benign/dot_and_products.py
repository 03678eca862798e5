x = pl.DataFrame({"a": [1, 2, 3], "b": [4, 5, 6]})
result = x.select(pl.col("a").dot("b").alias("dot"), pl.col("a").product().alias("product"))
