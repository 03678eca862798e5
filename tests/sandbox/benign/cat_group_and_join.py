k = pl.DataFrame({"kind": pl.Series(["fruit", "tool"], dtype=pl.Categorical), "w": [1, 2]})
result = sales.group_by("kind").agg(pl.len()).join(k, on="kind", how="left").sort(pl.col("kind").cast(pl.String))
