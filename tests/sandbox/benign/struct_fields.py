result = sales.head(20).select(
    pl.col("place").struct.field("city").alias("city"), pl.col("place").struct.rename_fields(["c", "z"]).alias("renamed"), pl.col("place").struct.with_fields(up=pl.field("city").str.to_uppercase()).alias("more"), pl.col("place").struct.json_encode().alias("json"),
)
