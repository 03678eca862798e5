result = sales.with_columns(m=pl.col("day").dt.month()).pivot(on="m", index="size", values="qty", aggregate_function=pl.element().max() - pl.element().min()).sort("size")
