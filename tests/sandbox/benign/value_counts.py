result = sales.select(pl.col("shop").value_counts(sort=True, name="n")).unnest("shop").sort("n", "shop", nulls_last=True)
