result = (
    sales.group_by("item").agg(pl.col("qty").sum()).sort("qty", "item", descending=[True, False])
    .with_columns(share=(pl.col("qty") / pl.col("qty").sum() * 100).round(2), running=pl.col("qty").cum_sum())
)
