result = sales.sort("id").select(pl.col("paid").rle().alias("r")).unnest("r").head(20)
