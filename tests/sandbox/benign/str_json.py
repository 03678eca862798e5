x = pl.DataFrame({"s": ['{"a": 1, "b": [true, null]}', '{"a": 2, "b": []}', None]})
result = x.select(pl.col("s").str.json_decode(pl.Struct({"a": pl.Int64, "b": pl.List(pl.Boolean)})).alias("j"), pl.col("s").str.json_path_match("$.a").alias("a"))
