result = sales.sort("day", "id").rolling(index_column="day", period="7d", closed="left").agg(
    week=pl.col("amount").sum(), n=pl.len()
)
