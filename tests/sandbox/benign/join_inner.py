result = sales.join(shops, on="shop").select("id", "shop", "city", "target").sort("id")
