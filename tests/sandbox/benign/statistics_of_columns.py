result = sales.select(
    pl.corr("qty", "amount").alias("corr"), pl.cov("qty", "amount").alias("cov"),
    pl.col("amount").skew().alias("skew"), pl.col("amount").kurtosis().alias("kurtosis"),
    pl.col("qty").mode().sort().first().alias("mode"), pl.col("qty").entropy().alias("entropy"),
)
