result = pl.LazyFrame({"a": [1, 2, 3]}).with_columns(b=pl.col("a") ** 2).filter(pl.col("b") > 1)
