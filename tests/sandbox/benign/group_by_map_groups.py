result = sales.group_by("shop", maintain_order=True).map_groups(lambda part: part.sort("id").tail(2).select("id", "shop"))
