result = sales.group_by(month=pl.col("day").dt.month(), large=pl.col("qty") > 5).agg(n=pl.len()).sort("month", "large")
