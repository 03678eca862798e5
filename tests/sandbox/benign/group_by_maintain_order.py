result = sales.group_by("item", maintain_order=True).agg(pl.col("qty").sum(), pl.col("id"))
