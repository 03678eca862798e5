result = sales.unique(subset=["shop", "item"], keep="first", maintain_order=True).select("id", "shop", "item")
