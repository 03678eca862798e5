result = sales.head(10).select(
    fold=pl.fold(acc=pl.lit(0), function=lambda acc, x: acc + x, exprs=[pl.col("id"), pl.col("qty").cast(pl.Int64)]),
    reduce=pl.reduce(lambda a, b: a * b, [pl.col("id"), pl.col("qty").cast(pl.Int64)]),
)
