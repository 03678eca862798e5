result = sales.head(20).select(
    pl.col("blob").bin.size().alias("size"), pl.col("blob").bin.contains(b"\x01").alias("has"), pl.col("blob").bin.starts_with(b"\x00").alias("starts"), pl.col("blob").bin.encode("hex").alias("hex"), pl.col("blob").bin.encode("base64").str.decode("base64").alias("again"),
)
