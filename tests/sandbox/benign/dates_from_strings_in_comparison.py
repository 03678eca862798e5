result = sales.filter(pl.col("day") > pl.lit("2024-03-01").str.to_date()).select(pl.len())
