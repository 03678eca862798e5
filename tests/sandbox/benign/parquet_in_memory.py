from io import BytesIO
buffer = BytesIO()
sales.drop("kind").write_parquet(buffer, compression="zstd", statistics=True)
buffer.seek(0)
result = pl.read_parquet(buffer, columns=["id", "price", "size"]).tail(3)
