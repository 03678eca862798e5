a = sales.select("id", pl.col("amount").fill_null(0.0), pl.col("shop").fill_null("nobody"))
b = sales.drop_nulls(["amount", "shop"]).height
c = sales.select(pl.col("amount").fill_null(strategy="forward")).to_series()
result = a.with_columns(b=pl.lit(b), c=c)
