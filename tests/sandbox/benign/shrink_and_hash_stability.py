result = sales.select(qty=sales["qty"].shrink_dtype(), same=pl.col("item").hash(1) == pl.col("item").hash(1))
