result = sales.group_by("shop").agg(
    pl.len().alias("n"),
    pl.col("amount").sum().alias("sum"),
    pl.col("amount").mean().alias("mean"),
    pl.col("amount").median().alias("median"),
    pl.col("amount").std().alias("std"),
    pl.col("amount").var(ddof=0).alias("var"),
    pl.col("qty").min().alias("least"),
    pl.col("qty").max().alias("most"),
    pl.col("item").n_unique().alias("items"),
    pl.col("item").first().alias("first"),
    pl.col("item").last().alias("last"),
).sort("shop", nulls_last=True)
