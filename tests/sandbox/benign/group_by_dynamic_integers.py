result = sales.sort("id").group_by_dynamic("id", every="50i").agg(pl.col("qty").sum())
