result = sales.sort("id").group_by("shop", maintain_order=True).head(2).select("shop", "id")
