result = readings.head(50).select(a=pl.col("value").ewm_mean(alpha=0.3), s=pl.col("value").ewm_std(span=5), v=pl.col("value").ewm_var(com=2))
