left = readings.filter(pl.col("sensor") == "a").sort("at").with_columns(sensor=pl.lit("b"))
result = left.join_asof(readings.sort("at"), on="at", by="sensor", strategy="nearest", check_sortedness=False).head(20)
