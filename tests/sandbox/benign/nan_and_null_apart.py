x = pl.DataFrame({"v": [1.0, float("nan"), None, float("inf")]})
result = x.with_columns(
    nan=pl.col("v").is_nan(), null=pl.col("v").is_null(), finite=pl.col("v").is_finite(),
    filled=pl.col("v").fill_nan(None).fill_null(-1.0),
)
