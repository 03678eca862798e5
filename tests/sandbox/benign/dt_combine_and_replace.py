from datetime import time
result = sales.head(8).select(pl.col("day").dt.combine(time(9, 30)).alias("c"), pl.col("at").dt.replace(year=2000, day=1).alias("r"), pl.datetime(2024, 1, pl.col("qty") + 1).alias("made"), pl.date(2024, pl.col("qty") + 1, 1).alias("d"))
