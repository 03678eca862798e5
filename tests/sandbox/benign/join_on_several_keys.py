a = sales.group_by("shop", "item").agg(n=pl.len())
b = sales.group_by("shop", "item").agg(q=pl.col("qty").sum())
result = a.join(b, on=["shop", "item"], nulls_equal=True, validate="1:1").sort("shop", "item", nulls_last=True)
