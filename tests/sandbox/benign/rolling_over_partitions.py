result = readings.sort("sensor", "at").select(
    "sensor", "at", mean=pl.col("value").rolling_mean(3).over("sensor")
)
