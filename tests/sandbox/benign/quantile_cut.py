result = sales.select(
    "id",
    q=pl.col("qty").qcut(4, labels=["a", "b", "c", "d"], allow_duplicates=True),
    c=pl.col("qty").cut([2, 5, 8], labels=["tiny", "small", "large", "huge"]),
    quantile=pl.col("amount").quantile(0.9, interpolation="linear").over("paid"),
)
