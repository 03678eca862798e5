result = sales.with_columns(
    total=pl.col("amount") * pl.col("qty"),
    half=pl.col("qty") // 2,
    rest=pl.col("qty") % 3,
    power=pl.col("qty") ** 2,
    negative=-pl.col("amount"),
).select("id", "total", "half", "rest", "power", "negative")
