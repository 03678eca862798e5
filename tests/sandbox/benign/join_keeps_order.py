result = sales.join(shops, on="shop", how="left", maintain_order="left").select("id", "city")
