result = readings.filter(pl.col("sensor") == "a").sort("at").select("at", top=pl.col("value").peak_max(), low=pl.col("value").peak_min())
