result = sales.lazy().filter(pl.col("qty") > 3).group_by("shop").agg(pl.col("qty").sum()).sort("shop", nulls_last=True).collect(engine="streaming")
