x = pl.DataFrame({"s": ["0010", "ff", "12.50"], "d": ["1.10", "22.3", None]})
result = x.select(pl.col("s").head(2).str.to_integer(base=16, strict=False).extend_constant(None, 1).alias("i"), pl.col("d").str.to_decimal(scale=2).alias("d"))
