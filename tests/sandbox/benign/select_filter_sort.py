result = sales.filter(pl.col("amount") > 20).select("id", "shop", "amount").sort("amount", "id", descending=[True, False])
