first = sales.group_by("item").agg(start=pl.col("day").min().dt.truncate("1mo"))
result = (
    sales.join(first, on="item").with_columns(age=(pl.col("day").dt.month() - pl.col("start").dt.month()))
    .group_by("start", "age").agg(pl.col("shop").n_unique()).pivot(on="age", index="start", values="shop", sort_columns=True).sort("start")
)
