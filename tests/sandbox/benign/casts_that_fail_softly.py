x = pl.DataFrame({"s": ["1", "x", "3.5", None]})
result = x.with_columns(i=pl.col("s").cast(pl.Int64, strict=False), f=pl.col("s").cast(pl.Float64, strict=False))
