from io import BytesIO
buffer = BytesIO()
sales.select("id", "shop", "amount").write_avro(buffer)
buffer.seek(0)
result = pl.read_avro(buffer).head(3)
