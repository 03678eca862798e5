result = sales.select("id", first=pl.col("item").is_first_distinct(), last=pl.col("item").is_last_distinct(), unique=pl.col("id").is_unique()).sort("id")
