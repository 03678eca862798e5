result = pl.DataFrame({"a": [1]}).match_to_schema({"a": pl.Int64, "b": pl.String}, missing_columns="insert")
