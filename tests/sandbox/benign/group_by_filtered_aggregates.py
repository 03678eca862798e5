result = sales.group_by("shop").agg(
    paid=pl.col("amount").filter(pl.col("paid")).sum(),
    unpaid=pl.col("amount").filter(~pl.col("paid")).sum(),
    best=pl.col("item").sort_by("amount", descending=True, nulls_last=True).first(),
    top=pl.col("id").top_k_by("amount", 3).sort(),
).sort("shop", nulls_last=True)
