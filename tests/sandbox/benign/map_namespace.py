x = pl.DataFrame({"m": [{"a": 1, "b": 2}, {"c": 3}, {}, None]}, schema={"m": pl.Map(pl.String, pl.Int64)})
result = x.select(
    "m", a=pl.col("m").map.get("a"), n=pl.col("m").map.len(), keys=pl.col("m").map.keys(), values=pl.col("m").map.values(), entries=pl.col("m").map.entries(), has=pl.col("m").map.contains_key("c")
)
