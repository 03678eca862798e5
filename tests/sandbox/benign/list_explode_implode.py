a = sales.select("id", "tags").explode("tags")
result = a.group_by("tags").agg(pl.col("id").n_unique(), n=pl.len()).sort("tags", nulls_last=True).select(pl.all().implode())
