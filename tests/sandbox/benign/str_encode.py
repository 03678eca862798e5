x = pl.DataFrame({"s": ["abc", "é", ""]})
result = x.select(pl.col("s").str.encode("hex").alias("hex"), pl.col("s").str.encode("base64").alias("b64"), pl.col("s").str.encode("hex").str.decode("hex").alias("again"))
