from io import BytesIO
text = sales.select("id", "tags").head(3).write_ndjson()
result = pl.read_ndjson(BytesIO(text.encode()))
