from io import BytesIO, StringIO
buffer = BytesIO()
sales.select("id", "day", "amount", "item").write_csv(buffer, separator=";")
buffer.seek(0)
result = pl.read_csv(buffer, separator=";", try_parse_dates=True).head(5)
