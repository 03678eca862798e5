mean = sales.lazy().select(pl.col("amount").mean()).collect().item()
result = sales.lazy().filter(pl.col("amount") > mean).select(pl.len()).collect()
