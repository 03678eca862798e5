def double(e):
    return e * 2
result = sales.select(pl.col("qty").pipe(double)).head(3)
