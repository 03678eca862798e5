result = sales.sort("day").group_by_dynamic("day", every="1w").agg(pl.col("amount").sum(), pl.len())
