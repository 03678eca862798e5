result = sales.sort("id").with_columns(run=pl.col("paid").rle_id()).group_by("run", maintain_order=True).agg(pl.len(), pl.col("paid").first())
