x = pl.DataFrame({"t": [1, 2, 3, 4, 5], "v": [1.0, None, None, 4.0, None]})
result = x.with_columns(pl.col("v").interpolate().alias("i"), pl.col("v").interpolate_by("t").alias("by"), pl.col("v").forward_fill().alias("f"), pl.col("v").backward_fill().alias("b"))
