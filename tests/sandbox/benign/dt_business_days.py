from datetime import date
result = sales.head(20).select("day", next=pl.col("day").dt.add_business_days(5, roll="forward"), n=pl.business_day_count("day", date(2024, 12, 31)), works=pl.col("day").dt.is_business_day())
