from io import BytesIO
buffer = BytesIO()
sales.write_ipc(buffer, compression="lz4")
buffer.seek(0)
result = pl.read_ipc(buffer).select("id", "kind", "size").head(4)
