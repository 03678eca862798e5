# NEEDS: scratch
sales.write_parquet("sales.parquet")
result = pl.scan_parquet("sales.parquet").filter(pl.col("qty") > 8).select("id", "qty").sort("id").collect()
