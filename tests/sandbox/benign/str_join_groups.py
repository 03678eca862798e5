result = sales.group_by("shop").agg(pl.col("item").unique().sort().str.join("|").alias("items")).sort("shop", nulls_last=True)
