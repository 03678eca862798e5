x = pl.DataFrame({"s": ["2024-02-29", "2023-01-31", None], "t": ["01/02/2024 03:04", "31/12/1999 23:59", None], "c": ["12:30:00", "00:00:01", None]})
result = x.select(pl.col("s").str.to_date().alias("d"), pl.col("t").str.to_datetime("%d/%m/%Y %H:%M").alias("t"), pl.col("c").str.to_time("%H:%M:%S").alias("c"), pl.col("s").str.strptime(pl.Date, "%Y-%m-%d").alias("p"))
