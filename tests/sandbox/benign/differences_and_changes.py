result = sales.sort("id").select(
    pl.col("amount").diff().alias("diff"), pl.col("amount").pct_change().alias("change"), pl.col("qty").shift(-2, fill_value=0).alias("lead")
)
