result = readings.sort("at").group_by_dynamic("at", every="1d").agg(n=pl.len(), high=pl.col("value").max())
