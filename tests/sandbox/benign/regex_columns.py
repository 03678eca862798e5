result = sales.select(pl.col("^.*t.*$").exclude("tags")).head(3)
