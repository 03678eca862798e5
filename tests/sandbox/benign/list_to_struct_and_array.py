x = pl.DataFrame({"v": [[1, 2], [3, 4]]})
result = x.select(pl.col("v").list.to_struct(fields=["a", "b"]).alias("s"), pl.col("v").list.to_array(2).alias("r"), pl.col("v").list.count_matches(1).alias("ones"))
