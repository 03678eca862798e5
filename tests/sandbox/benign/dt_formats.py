result = sales.head(10).select(pl.col("at").dt.strftime("%Y/%m/%d %H:%M:%S").alias("s"), pl.col("day").dt.to_string("%A %d %B %Y").alias("d"), pl.col("at").dt.to_string("iso").alias("iso"))
