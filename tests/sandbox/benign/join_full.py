result = sales.head(20).select("id", "shop").join(shops.select("shop", "city"), on="shop", how="full", coalesce=True).sort("shop", "id", nulls_last=True)
