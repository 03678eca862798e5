best = sales.group_by("shop").agg(pl.col("amount").max())
result = sales.join(best, on=["shop", "amount"], how="semi").select("shop", "id", "amount").sort("shop", "id")
