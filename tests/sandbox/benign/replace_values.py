result = sales.select(
    "id", pl.col("shop").replace({"north": "N", "south": "S"}).alias("short"),
    pl.col("shop").replace_strict({"north": 1, "south": 2}, default=0, return_dtype=pl.Int8).alias("code"),
)
