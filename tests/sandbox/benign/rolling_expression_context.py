result = readings.filter(pl.col("sensor") == "a").sort("at").select("at", n=pl.len().rolling("at", period="1d"))
