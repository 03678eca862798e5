from datetime import date, timedelta
result = sales.filter(pl.col("day") >= date(2024, 2, 1)).select("id", d=pl.col("day") + timedelta(days=3), gap=(pl.col("day") - date(2024, 1, 1)).dt.total_days(), dur=pl.duration(days="qty", hours=2)).sort("id")
