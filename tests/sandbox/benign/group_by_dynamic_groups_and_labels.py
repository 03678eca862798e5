result = readings.sort("at").group_by_dynamic(
    "at", every="6h", period="12h", closed="both", label="right", include_boundaries=True, group_by="sensor"
).agg(mean=pl.col("value").mean(), n=pl.len()).sort("sensor", "at")
