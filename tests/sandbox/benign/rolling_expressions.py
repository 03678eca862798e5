result = sales.sort("id").select(
    "id",
    mean=pl.col("amount").rolling_mean(5, min_samples=1),
    most=pl.col("qty").rolling_max(3),
    least=pl.col("qty").rolling_min(3, center=True),
    total=pl.col("qty").rolling_sum(4),
    middle=pl.col("qty").rolling_median(4),
    spread=pl.col("qty").rolling_std(4),
    upper=pl.col("qty").rolling_quantile(0.75, window_size=4),
)
