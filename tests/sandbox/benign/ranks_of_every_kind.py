kinds = ["average", "min", "max", "dense", "ordinal"]
result = sales.head(30).select("qty", *[pl.col("qty").rank(kind).alias(kind) for kind in kinds])
