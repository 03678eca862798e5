x = pl.DataFrame({"s": ["a1-b22", "c333", None, "none"]})
result = x.select(pl.col("s").str.extract(r"(\d+)", 1).cast(pl.Int64).alias("n"), pl.col("s").str.extract_all(r"\d+").alias("all"), pl.col("s").str.extract_groups(r"(?<letter>[a-z])(?<digits>\d+)").alias("groups"), pl.col("s").str.extract_many(["a", "b"]).alias("many"))
