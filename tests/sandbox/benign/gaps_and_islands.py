x = sales.select("day").unique().sort("day").with_columns(gap=(pl.col("day").diff().dt.total_days() > 1).fill_null(False).cum_sum())
result = x.group_by("gap").agg(pl.col("day").min().alias("from"), pl.col("day").max().alias("to")).sort("gap")
