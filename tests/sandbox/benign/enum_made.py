Color = pl.Enum(["red", "green", "blue"])
result = pl.DataFrame({"c": ["blue", "red", None]}, schema={"c": Color}).with_columns(less=pl.col("c") < "green")
