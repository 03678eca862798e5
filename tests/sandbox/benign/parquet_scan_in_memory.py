from io import BytesIO
buffer = BytesIO()
sales.write_parquet(buffer)
buffer.seek(0)
result = pl.scan_parquet(buffer).filter(pl.col("id") > 395).select("id", "place").collect()
