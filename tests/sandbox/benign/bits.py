x = pl.DataFrame({"a": [1, 6, 255], "b": [3, 5, 15]})
result = x.select((pl.col("a") & pl.col("b")).alias("and"), (pl.col("a") | pl.col("b")).alias("or"), (pl.col("a") ^ pl.col("b")).alias("xor"), pl.col("a").bitwise_count_ones().alias("ones"), pl.col("a").bitwise_leading_zeros().alias("zeros"))
