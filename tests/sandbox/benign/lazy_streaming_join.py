result = sales.lazy().join(shops.lazy(), on="shop", how="left").select("id", "city").sort("id").collect(engine="streaming")
