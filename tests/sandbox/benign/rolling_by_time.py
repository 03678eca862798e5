result = readings.sort("at").select("at", mean=pl.col("value").rolling_mean_by("at", "3h"), sum=pl.col("value").rolling_sum_by("at", "1d"))
