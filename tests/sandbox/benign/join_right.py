result = sales.head(20).join(shops, on="shop", how="right").select("shop", "city", "id").sort("shop", "id", nulls_last=True)
