result = pl.DataFrame({"v": [0.5, 1.0, 2.5, 9.0]}).with_columns(pl.col("v").cut([1, 2], include_breaks=True).alias("cut")).unnest("cut")
