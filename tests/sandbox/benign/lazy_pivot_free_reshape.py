result = sales.lazy().group_by("shop").agg(*[pl.col("qty").filter(pl.col("size") == s).sum().alias(s) for s in ("S", "M", "L")]).sort("shop", nulls_last=True).collect()
