from io import BytesIO
text = sales.select("id", "shop", "qty").head(3).write_json()
result = pl.read_json(BytesIO(text.encode()))
