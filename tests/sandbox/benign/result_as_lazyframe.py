result = sales.lazy().group_by("size").agg(pl.col("qty").sum()).sort("size")
